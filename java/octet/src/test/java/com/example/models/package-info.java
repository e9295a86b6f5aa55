/** Models as users write them: outside of Octet's packages, on its public face only. */
package com.example.models;
