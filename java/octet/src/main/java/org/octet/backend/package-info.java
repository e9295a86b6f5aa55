/**
 * The seam to kernels: {@link org.octet.backend.Backend} and its two tenants, native and pure Java.
 */
package org.octet.backend;
