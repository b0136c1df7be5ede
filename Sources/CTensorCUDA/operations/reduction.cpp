// Which of the reductions' kernels runs, on which grid.
#include "reduction.hpp"

#include <algorithm>

namespace st::cuda {

ReductionTuning reduction_tuning;

namespace {

constexpr const char *fold_names[] = {"Sum", "Product", "Largest", "Any", "Norm", "PowerNorm", "Spread", "Extreme"};
constexpr int folds = sizeof fold_names / sizeof *fold_names;

enum Kernel { rows, columns, partials };
constexpr const char *kernel_names[] = {"reduce_rows<", "reduce_columns<", "reduce_partials<"};

struct Launch {
  Kernel kernel;
  st_dtype element;
  Grid grid;
};

bool is_whole(st_dtype dtype) { return dtype <= ST_INT64; }

st_status launch_reduction(st_cuda_device *device, Fold fold, const Launch &launch, const ReduceParameters &p) {
  static Slot slots[3][folds][10];
  return run(device, slots[launch.kernel][int(fold)][launch.element], launch.grid, p, [&] {
    constexpr const char *bits[] = {"", "uint8_t", "uint16_t", "", "uint32_t", "", "", "", "uint64_t"};
    const char *element = fold == Fold::any ? bits[element_size(launch.element)] : element_names[launch.element];
    return Program{fold == Fold::extreme ? "extremum.cuh" : "reduce.cuh", "ReduceParameters", 256,
                   std::string(kernel_names[launch.kernel]) + fold_names[int(fold)] + "<" + element + ">>"};
  });
}

// One of each class of dtypes with one kind of total.
st_dtype total_dtype(Fold fold, st_dtype dtype) {
  if (fold == Fold::any) return ST_UINT8;
  return is_whole(dtype) ? ST_INT64 : dtype == ST_FLOAT64 ? ST_FLOAT64 : ST_FLOAT32;
}
size_t total_size(Fold fold, st_dtype dtype) {
  const size_t size = fold == Fold::any ? 4 : size_t(element_size(total_dtype(fold, dtype)));
  return fold == Fold::spread ? 3 * size : fold == Fold::extreme ? 16 : size;
}

// The folds' constant `across`.
int64_t columns_of_thread(Fold fold, st_dtype dtype) {
  const int64_t width = vector_width(dtype);
  if (fold == Fold::any) return width;
  if (fold == Fold::power_norm) return 1;
  const bool wide_totals = is_whole(dtype) || dtype == ST_FLOAT64;
  const int64_t plain = wide_totals ? std::min<int64_t>(8 / element_size(dtype), 4) : width;
  if (fold == Fold::spread) return std::min<int64_t>(plain, 4);
  return fold == Fold::extreme ? std::min<int64_t>(plain, 2) : plain;
}

// In how many parts `steps` of the threads of each of `blocks` blocks are cut, so that the device has work.
int64_t splits_for(st_cuda_device *device, int64_t blocks, int64_t threads, int64_t steps) {
  const int64_t wanted = facts(device).multiprocessors * reduction_tuning.threads / threads;
  if (steps <= reduction_tuning.longest || blocks * 2 > wanted) return 1;
  return std::min(wanted / blocks, steps / reduction_tuning.shortest);
}

// Teams of threads along the folded dimensions.
Launch plan_rows(st_cuda_device *device, const Reduction &reduction, const Collapsed<3> &kept, Collapsed<1> &folded,
                 ReduceParameters &p) {
  const st_dtype dtype = reduction.in.dtype;
  const int64_t width = reduction.fold == Fold::power_norm ? 1 : vector_width(dtype);
  int64_t units = p.length;
  if (width > 1 && folded.rank > 0 && folded.strides[0][0] == 1) {
    const bool aligned = is_aligned(p.in, width * element_size(dtype)) && folded.shape[0] % width == 0 &&
                         keeps_aligned(folded, 0, 1, width) && keeps_aligned(kept, 0, 0, width);
    p.peel = !aligned && folded.rank == 1 && p.length >= 8 * width;
    p.vectors = aligned || p.peel;
    if (p.vectors) {
      units = p.length / width;
      folded.shape[0] /= width;
      folded.strides[0][0] = width;
    }
  }
  // About 8 vectors to a thread, fewer where that leaves the device without work.
  const int64_t wanted = facts(device).multiprocessors * reduction_tuning.threads;
  int64_t team = std::min<int64_t>(256, power_of_two(divided_up(units, 8)));
  if (p.peel) team = std::max(team, width);
  while (team < units && team < 256 && p.outputs * team < wanted) team *= 2;
  const int64_t threads = 256, teams = threads / team;
  p.team = int32_t(team);
  Launch launch = {rows, dtype, {}};
  launch.grid.threads[0] = unsigned(threads);
  launch.grid.blocks[0] = unsigned(divided_up(p.outputs, teams));
  p.splits = int32_t(splits_for(device, launch.grid.blocks[0], threads, units / team));
  return launch;
}

// Threads side by side along the kept dimension 0, and some below each other.
Launch plan_columns(st_cuda_device *device, const Reduction &reduction, const Collapsed<3> &kept,
                    const Collapsed<1> &folded, ReduceParameters &p) {
  const st_dtype dtype = reduction.in.dtype;
  const int64_t width = columns_of_thread(reduction.fold, dtype);
  p.width = kept.shape[0];
  p.vectors = kept.strides[0][0] == 1 && p.width % width == 0 && is_aligned(p.in, width * element_size(dtype)) &&
              keeps_aligned(kept, 0, 1, width) && keeps_aligned(folded, 0, 0, width);
  // Neighbours read whole rows of a block of memory; short ones leave threads for more columns.
  const int64_t units = divided_up(p.width, width), places = p.outputs / p.width * units;
  const int64_t most = std::min<int64_t>(256, power_of_two(places));
  int64_t across = std::min<int64_t>(32, power_of_two(units));
  while (across < most && 256 / across * 4 > p.length) across *= 2;
  p.team = int32_t(across);
  Launch launch = {columns, dtype, {}};
  launch.grid.threads[0] = 256;
  launch.grid.blocks[0] = unsigned(divided_up(places, across));
  p.splits = int32_t(splits_for(device, launch.grid.blocks[0], 256, p.length / (256 / across)));
  return launch;
}

// Shapes of too many dimensions: over copies with the kept dimensions before the folded ones.
st_status run_copied(st_cuda_device *device, const Reduction &reduction, const ReduceParameters &p) {
  const st_view &in = reduction.in, &folded = reduction.folded;
  intptr_t shape[64], strides[64], dense[64];
  const int32_t rank = in.rank + folded.rank;
  for (int32_t d = 0; d < rank; d++) {
    const st_view &from = d < in.rank ? in : folded;
    shape[d] = from.shape[d < in.rank ? d : d - in.rank];
    strides[d] = from.strides[d < in.rank ? d : d - in.rank];
  }
  intptr_t count = 1;
  for (int32_t d = rank - 1; d >= 0; d--) {
    dense[d] = count;
    count *= shape[d];
  }
  intptr_t kept_dense[64], outputs = 1;
  for (int32_t d = in.rank - 1; d >= 0; d--) {
    kept_dense[d] = outputs;
    outputs *= shape[d];
  }
  const bool has_indices = reduction.indices.data != reduction.out.data, has_out = reduction.out.data != nullptr;
  const Workspace input(device, size_t(count * element_size(in.dtype)));
  const Workspace output(device, size_t(outputs * element_size(reduction.out.dtype)));
  const Workspace indices(device, has_indices ? size_t(outputs) * sizeof(int64_t) : 1);
  for (const Workspace *space : {&input, &output, &indices}) {
    if (space->status.code != ST_OK) return space->status;
  }
  const st_view copy = {input.address, shape, dense, rank, in.dtype};
  st_status status = st_cuda_copy(device, copy, {in.data, shape, strides, rank, in.dtype}, 0);
  if (status.code != ST_OK) return status;
  const intptr_t length = count / outputs, one = 1;
  Reduction dense_reduction = reduction;
  dense_reduction.in = {input.address, &outputs, &length, 1, in.dtype};
  dense_reduction.out = {has_out ? output.address : nullptr, &outputs, &one, 1, reduction.out.dtype};
  dense_reduction.indices = dense_reduction.out;
  if (has_indices) dense_reduction.indices = {indices.address, &outputs, &one, 1, ST_INT64};
  dense_reduction.folded = {input.address, &length, &one, 1, in.dtype};
  status = run(device, dense_reduction, p);
  if (status.code == ST_OK && has_out) {
    const st_view result = {output.address, in.shape, kept_dense, in.rank, reduction.out.dtype};
    status = st_cuda_copy(device, reduction.out, result, 0);
  }
  if (status.code == ST_OK && has_indices) {
    const st_view result = {indices.address, in.shape, kept_dense, in.rank, ST_INT64};
    status = st_cuda_copy(device, reduction.indices, result, 0);
  }
  return status;
}

}  // namespace

st_status run(st_cuda_device *device, const Reduction &reduction, ReduceParameters p) {
  const st_view *const kept_views[] = {&reduction.in, &reduction.out, &reduction.indices};
  const st_view *const folded_views[] = {&reduction.folded};
  const Collapsed<3> kept = collapse<3>(kept_views, false);
  Collapsed<1> folded = collapse<1>(folded_views, reduction.ordered);
  if (kept.rank > most_axes || folded.rank > most_axes) return run_copied(device, reduction, p);
  p.in = reduction.in.data;
  p.out = reduction.out.data;
  p.indices = reduction.indices.data;
  p.dtype = reduction.out.dtype;
  p.outputs = kept.count;
  p.length = folded.count;
  // Whichever lies closer together is what neighbouring threads read.
  const int64_t beside = kept.rank > 0 ? kept.strides[0][0] : 0, along = folded.rank > 0 ? folded.strides[0][0] : 0;
  const bool by_columns = beside != 0 && along != 1 && (along == 0 || beside == 1 || beside < along);
  const Launch first = by_columns ? plan_columns(device, reduction, kept, folded, p)
                                  : plan_rows(device, reduction, kept, folded, p);
  set_axes(p.kept, kept);
  set_axes(p.folded, folded);
  Launch launch = first;
  if (p.splits == 1) return launch_reduction(device, reduction.fold, launch, p);

  const Workspace space(device, size_t(p.splits * p.outputs) * total_size(reduction.fold, reduction.in.dtype));
  if (space.status.code != ST_OK) return space.status;
  p.partials = space.address;
  launch.grid.blocks[1] = unsigned(p.splits);
  const st_status status = launch_reduction(device, reduction.fold, launch, p);
  if (status.code != ST_OK) return status;
  p.team = int32_t(std::min<int64_t>(32, power_of_two(p.outputs)));
  launch = {partials, total_dtype(reduction.fold, reduction.in.dtype), {}};
  launch.grid.threads[0] = 256;
  launch.grid.blocks[0] = unsigned(divided_up(p.outputs, p.team));
  return launch_reduction(device, reduction.fold, launch, p);
}

}  // namespace st::cuda
