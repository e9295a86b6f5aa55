package org.octet.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places blocks with known lifetimes in one arena: the largest first, each at the lowest offset
 * that is free for its whole life. Blocks start at multiples of 64 bytes. The arena itself has
 * readable bytes past its end, so every block has.
 */
final class MemoryPlanner {
  private static final long ALIGNMENT = 64;

  private static final class Block {
    final long bytes;
    int first;
    int last;
    long offset = -1;

    Block(long bytes, int first, int last) {
      this.bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      this.first = first;
      this.last = last;
    }
  }

  private final List<Block> blocks = new ArrayList<>();
  private long arenaBytes;

  /**
   * Adds a block that lives from step {@code first} to step {@code last}, both included; returns
   * its number.
   */
  int add(long bytes, int first, int last) {
    blocks.add(new Block(bytes, first, last));
    return blocks.size() - 1;
  }

  /** Says that step {@code step} still uses a block. */
  void extend(int block, int step) {
    blocks.get(block).last = Math.max(blocks.get(block).last, step);
  }

  /** Assigns all offsets. */
  void place() {
    List<Block> bySize = new ArrayList<>(blocks);
    bySize.sort(Comparator.comparingLong((Block b) -> -b.bytes).thenComparingInt(b -> b.first));
    List<Block> placed = new ArrayList<>();
    for (Block b : bySize) {
      long at = 0;
      // Ordered by offset, so the first gap that is large enough is the lowest.
      for (Block other : placed) {
        if (other.first <= b.last && b.first <= other.last) {
          if (at + b.bytes <= other.offset) {
            break;
          }
          at = Math.max(at, other.offset + other.bytes);
        }
      }
      b.offset = at;
      arenaBytes = Math.max(arenaBytes, at + b.bytes);
      int i = 0;
      while (i < placed.size() && placed.get(i).offset <= at) {
        i++;
      }
      placed.add(i, b);
    }
  }

  /** Offset of a block, after {@link #place}. */
  long offset(int block) {
    return blocks.get(block).offset;
  }

  /** Size of the arena, after {@link #place}. */
  long arenaBytes() {
    return arenaBytes;
  }
}
