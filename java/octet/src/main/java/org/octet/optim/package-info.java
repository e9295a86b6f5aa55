/** Optimizers, with PyTorch's formulas. */
package org.octet.optim;
