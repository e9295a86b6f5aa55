/**
 * The one intermediate representation: an immutable list of {@link org.octet.ops.Op} nodes, made by
 * {@link org.octet.graph.Tracer} from any forward function or by hand with {@link
 * org.octet.graph.Graph.Builder}.
 */
package org.octet.graph;
