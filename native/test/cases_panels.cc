#include "harness.h"
#include "octet/octet_kinds.h"
#include "pack/panels.h"

namespace {

using namespace test;

// Packing and unpacking gives the weights back; every packed byte that is no weight is zero; every column has one place.
void panels() {
  static const octet::GemmKernel kKernels[] = {{nullptr, 16, 4, 4, 1, nullptr}, {nullptr, 8, 2, 2, 1, nullptr},
                                               {nullptr, 8, 2, 2, 2, nullptr},  {nullptr, 16, 4, 1, 4, nullptr},
                                               {nullptr, 8, 2, 1, 4, nullptr},  {nullptr, 4, 4, 2, 1, nullptr},
                                               {nullptr, 4, 4, 4, 1, nullptr},  {nullptr, 4, 4, 8, 1, nullptr},
                                               {nullptr, 8, 2, 1, 2, nullptr},  {nullptr, 4, 4, 1, 4, nullptr}};
  for (const octet::GemmKernel& kernel : kKernels) {
    for (const int64_t columns : sizes()) {
      for (const int64_t taps : {1, 3, 9}) {
        for (const int64_t k : {1, 3, 4, 5, 17, 64}) {
          for (int permuted = 0; permuted < 2; permuted++) {
            const std::string name = "panels of " + std::to_string(columns) + " columns, " + std::to_string(taps) +
                                     " x " + std::to_string(k) + ", element " + std::to_string(kernel.element);
            octet::PanelLayout layout;
            if (!layout.init(kernel, columns, taps, k, permuted != 0)) {
              expect(false, name + ": no memory");
              continue;
            }
            const int64_t count = columns * taps * k * kernel.element;
            std::vector<uint8_t> weights = make(OCTET_U8, count, Fill::kRandom, 9).bytes;
            for (uint8_t& w : weights) w |= 1;  // none is zero
            std::vector<uint8_t> packed(static_cast<size_t>(layout.bytes()), 0xA5), back(weights.size(), 0);
            layout.pack(weights.data(), packed.data());
            layout.unpack(packed.data(), back.data());
            expect(back == weights, name + ": unpacking gives other weights");
            int64_t used = 0;
            for (const uint8_t byte : packed) used += byte != 0;
            expect(used == count, name + ": something else than the weights and zeros was packed");
            std::vector<int> seen(static_cast<size_t>(columns), 0);
            for (int64_t i = 0; i < layout.positions(); i++) {
              if (layout.column(i) >= 0) seen[static_cast<size_t>(layout.column(i))]++;
            }
            expect(seen == std::vector<int>(static_cast<size_t>(columns), 1), name + ": a column without one place");
            int64_t next = 0;
            for (int64_t i = 0; i < layout.count(); i++) {
              const octet::Panel& panel = layout.panel(i);
              expect(panel.column == next && panel.columns >= 1 && panel.vectors <= kernel.max_vectors &&
                         panel.columns <= panel.vectors * kernel.lanes,
                     name + ": panel " + std::to_string(i));
              next += panel.columns;
            }
            expect(next == columns, name + ": the panels end elsewhere");
          }
        }
      }
    }
  }
}

const Family family("panels", panels);

}  // namespace
