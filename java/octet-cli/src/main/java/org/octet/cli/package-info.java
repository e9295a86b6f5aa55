/** The {@code octet} command: the demo and a description of the machine. */
package org.octet.cli;
