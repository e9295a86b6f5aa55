/** The native library of one platform: resources only. The build puts the platform's name in. */
open module org.octet.@platform@ {
  requires transitive org.octet;
}
