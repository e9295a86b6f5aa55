package org.octet.nn.intrinsic;

/** Layers that were made one by {@code Fusion}: they count as one when a model is quantized. */
public interface Fused {}
