/** Reverse-mode automatic differentiation: {@link org.octet.autograd.Tape}. */
package org.octet.autograd;
