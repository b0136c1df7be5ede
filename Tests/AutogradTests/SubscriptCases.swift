import Autograd

/// Reading and writing through subscripts; writes go to a copy, because a leaf may not be written.
let subscriptCases: [GradientCase] = [
  GradientCase("read a range and a mask", [3, 3]) { $0[0][1..., Tensor([true, false, true])].square() },
  GradientCase("read repeated entries", [3, 2]) { $0[0][Tensor([2, 0, 2]), .newAxis, 1].square() },
  GradientCase("read a mask of two dims", [2, 3]) { $0[0][$0[0].detach() .> 0].square() },
  GradientCase("read an entry by a truth value", [2, 3]) { $0[0][true, 1].square() },
  GradientCase("write a view", [2, 3], [3]) { written($0) { $0[1] = $1 } },
  GradientCase("write a view with leading ones", [2, 3], [1, 1, 3]) { written($0) { $0[1] = $1 } },
  GradientCase("write a number", [2, 3]) { written($0) { x, _ in x[.ellipsis, 1] = 2 } },
  GradientCase("write to indices", [3, 2], [2]) { written($0) { $0[[2, 0], 1] = $1 } },
  GradientCase("write to indices with leading ones", [3, 2], [1, 1, 2]) { written($0) { $0[[2, 0]] = $1 } },
  GradientCase("write a number to a mask", [2, 3]) { written($0) { x, _ in x[x.detach() .> 0] = 0 } },
  GradientCase("write one value to a mask", [2, 3], [1, 1]) { written($0) { $0[$0.detach() .> 0] = $1 } },
  GradientCase("write to a mask of rows", [3, 2], [2, 2]) { written($0) { $0[Tensor([true, false, true])] = $1 } },
  GradientCase("add to a view", [2, 3], [3]) { written($0) { $0[1] += $1 } },
  GradientCase("multiply a range", [3, 2], [2]) { written($0) { $0[1...] *= $1 } },
  GradientCase("multiply entries", [3, 2], [2]) { written($0) { $0[[2, 0]] *= $1 } },
  GradientCase("take, maskedSelect and maskedScatter", [2, 3], [6]) { arguments in
    let x = arguments[0]
    let mask = x.detach() .> 0
    return x.take(Tensor([5, -1, 0])).sum() * x.maskedSelect(mask).square().sum()
      + x.maskedScatter(mask, source: arguments[1]).square().sum()
  },
  GradientCase("roll, rot90 and repeatInterleave", [2, 3]) {
    $0[0].roll(1).rot90().repeatInterleave(2, dim: 0).square()
  },
  GradientCase("indexAdd and indexCopy", [3, 2], [2, 2]) {
    let index = Tensor([2, 2])
    let added = $0[0].indexAdd(dim: 0, index: index, source: $0[1], alpha: 2)
    return added * $0[0].indexFill(dim: 1, index: Tensor([0]), value: 3)
  },
  GradientCase("takeAlongDim and movedim", [2, 3]) {
    $0[0].takeAlongDim(Tensor([[2, 0]]), dim: 1).movedim(0, 1).square()
  },
  GradientCase("unfold and diag", [4]) {
    $0[0].contiguous().unfold(dim: 0, size: 2, step: 1).square().sum(dim: 0).diag()
  },
]

private func written(_ arguments: [Tensor], _ write: (Tensor, Tensor) -> Void) -> Tensor {
  let x = arguments[0].clone()
  write(x, arguments[arguments.count - 1])
  return x.square()
}
