/** JMH benchmarks: one class answers one question; every int8 row stands beside its fp32 row. */
package org.octet.bench;
