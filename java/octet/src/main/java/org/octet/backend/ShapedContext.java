package org.octet.backend;

/** What both backends' contexts know: the sizes that a plan checks its offsets against. */
interface ShapedContext {
  Footprint footprint();
}
