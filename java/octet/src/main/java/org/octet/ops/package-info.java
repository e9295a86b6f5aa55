/**
 * Operators: one file an op. {@link org.octet.ops.Op} is the one definition of an operator, {@link
 * org.octet.ops.Interpreter} the one place that dispatches it (eager, recorded or traced).
 */
package org.octet.ops;
