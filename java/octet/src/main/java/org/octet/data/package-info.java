/** Datasets, batches and file readers for training and evaluation. */
package org.octet.data;
