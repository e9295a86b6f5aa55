/**
 * The workflows: fuse, prepare, calibrate, convert ({@link org.octet.quantization.Quantization},
 * {@link org.octet.quantization.Fusion}), and what they are told: {@link
 * org.octet.quantization.QConfig}, {@link org.octet.quantization.QConfigMapping}, {@link
 * org.octet.quantization.ModuleMappings}.
 */
package org.octet.quantization;
