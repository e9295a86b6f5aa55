/**
 * The pure-Java twin of the native operators: one small class a kind, plain loops, the executable
 * definition of native/include/octet/octet_kinds.h. Same bits as the native reference.
 */
package org.octet.backend.twin;
