package org.octet.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.octet.backend.Backend;

/** A program as a table for people. */
final class Description {
  private Description() {}

  static String of(Backend backend, ShapePlan plan, long weightBytes) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"step", "op", "module", "kind", "shape", "bytes"});
    for (int i = 0; i < plan.list.steps.size(); i++) {
      Step s = plan.list.steps.get(i);
      rows.add(
          new String[] {
            Integer.toString(i),
            s.name(),
            s.module(),
            s.kind().name(),
            s.shape().toString(),
            Long.toString(plan.list.buffers.get(s.output()).bytes())
          });
    }
    int[] width = new int[rows.get(0).length];
    for (String[] r : rows) {
      for (int c = 0; c < width.length; c++) {
        width[c] = Math.max(width[c], r[c].length());
      }
    }
    StringBuilder b = new StringBuilder();
    for (String[] r : rows) {
      for (int c = 0; c < width.length; c++) {
        boolean number = c == 0 || c == width.length - 1;
        String pad = String.join("", Collections.nCopies(width[c] - r[c].length(), " "));
        b.append(c == 0 ? "" : "  ").append(number ? pad + r[c] : r[c] + pad);
      }
      b.append('\n');
    }
    b.append("weights ")
        .append(weightBytes)
        .append(" bytes, arena ")
        .append(plan.arenaBytes)
        .append(" bytes, backend ");
    b.append(backend.name())
        .append(backend.isa().equals(backend.name()) ? "" : " (" + backend.isa() + ")");
    return b.append('\n').toString();
  }
}
