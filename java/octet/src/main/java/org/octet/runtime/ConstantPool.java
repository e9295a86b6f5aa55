package org.octet.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.octet.graph.Value;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Copies of the constants that operators read as activations, one for each memory format in use;
 * weights are not among them, operators pack those. Guarded by the program's build lock.
 */
final class ConstantPool implements AutoCloseable {
  private record Key(int value, MemoryFormat format) {}

  private final Map<Key, Integer> numbers = new HashMap<>();
  private final List<Storage> storages = new ArrayList<>();

  /** The number of the copy of a constant in a format. */
  int number(Value constant, MemoryFormat format) {
    Key key = new Key(constant.id(), format);
    Integer known = numbers.get(key);
    if (known == null) {
      Tensor t = constant.constant();
      Tensor ordered = t.contiguous(format);
      storages.add(copy(ordered));
      if (ordered != t) {
        ordered.close();
      }
      known = storages.size() - 1;
      numbers.put(key, known);
    }
    return known;
  }

  private static Storage copy(Tensor t) {
    long bytes = t.numel() * t.dtype().bytes();
    Storage s = Storage.allocate(bytes);
    s.view(0, bytes).put(t.storage().view(t.byteOffset(), bytes));
    return s;
  }

  /** The copies by number. */
  Storage[] storages() {
    return storages.toArray(new Storage[0]);
  }

  long bytes() {
    return storages.stream().mapToLong(Storage::bytes).sum();
  }

  @Override
  public void close() {
    storages.forEach(Storage::release);
    storages.clear();
    numbers.clear();
  }
}
