/**
 * A graph made ready to run: {@link org.octet.runtime.Program} plans shapes and memory, packs
 * weights once and runs the whole network in one call of the backend, without allocating.
 */
package org.octet.runtime;
