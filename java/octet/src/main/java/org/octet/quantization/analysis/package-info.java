/** Tools that find out what quantization costs and repair some of it. */
package org.octet.quantization.analysis;
