/**
 * Observers: statistics of activations and weights, and the quantization parameters that follow
 * from them.
 */
package org.octet.quantization.observer;
