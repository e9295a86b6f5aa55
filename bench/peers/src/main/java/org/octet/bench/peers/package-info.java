/** Octet beside other libraries: same operands, one thread, one core, in turns. */
package org.octet.bench.peers;
