package import Tensor

// The derivatives of reductions. x is the input, y the result, g the gradient of y.

extension Tensor {
  /// The result of a reduction, or its gradient, with the reduced dimensions put back with size 1.
  fileprivate func restored(_ shape: Dims, _ dims: Dims) -> Tensor {
    if layout.rank == shape.count { return self }
    var kept = shape
    for dim in dims { kept[dim] = 1 }
    return apply(View(shape: kept), self)
  }

  /// Repeated along the reduced dimensions.
  fileprivate func spread(_ shape: Dims, _ dims: Dims) -> Tensor { apply(Expand(shape: shape), restored(shape, dims)) }
}

extension Tensor {
  /// In the dtype that a reduction casts to, if it does.
  fileprivate func cast(to dtype: DType?) -> Tensor {
    guard let dtype, dtype != self.dtype else { return self }
    return apply(Cast(dtype: dtype), self)
  }
}

/// The number of elements that a reduction takes into one.
private func reducedCount(_ shape: Dims, _ dims: Dims) -> Int { dims.reduce(1) { $0 * shape[$1] } }

extension Sum: Differentiable {
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(g.spread(context.shape(), dims))
  }
}

extension SumTo: Differentiable {
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(Expand(shape: context.shape()), g))
  }
}

extension Mean: Differentiable {
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    let shape = context.shape()
    return Gradients((g / reducedCount(shape, dims)).spread(shape, dims))
  }
}

extension Product: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    let shape = context.shape()
    let x = context.first.cast(to: dtype)
    if shape.elementCount == 0 { return Gradients(x.zeros(shape)) }
    let isZero = x .== 0
    let gradient = g.restored(shape, dims)
    if !Scope.isGradEnabled {
      // The product of the others: of all over itself; at a lone zero that of the rest, elsewhere beside it 0.
      let rest = x.zeroed(where: isZero) + isZero
      let product = apply(Product(dims: dims, keepDim: true), rest)
      let zeros = apply(Sum(dims: dims, keepDim: true), isZero)
      let others = (product / rest).kept(where: (zeros .== isZero))
      return Gradients(gradient * others)
    }
    if !isZero.any().item(as: Bool.self) {
      return Gradients(gradient * (context.output.restored(shape, dims) / x))
    }
    return Gradients(gradient * othersProduct(x))
  }

  /// For each element the product of those it is reduced with, written so that it can be differentiated at zeros too:
  /// a matrix of all pairs with ones on its diagonal.
  private func othersProduct(_ x: Tensor) -> Tensor {
    let rank = x.rank
    var order = Dims((0..<rank).filter { !dims.contains($0) })
    let kept = order.count
    for dim in dims { order.append(dim) }
    let moved = apply(Permute(dims: order), x)
    let count = reducedCount(x.layout.shape, dims)
    let rows = moved.reshape(moved.shape.prefix(kept) + [1, count])
    let pairs = rows.expand(moved.shape.prefix(kept) + [count, count])
    let isSelf = Tensor.eye(count, dtype: .bool, device: x.device)
    let products = apply(
      Product(dims: [kept + 1], keepDim: false), apply(Ternary<Where>(), isSelf, Tensor(number: .int(1)), pairs))
    var back = order
    for (i, dim) in order.enumerated() { back[dim] = i }
    return apply(Permute(dims: back), products.reshape(moved.shape))
  }
}

extension Extremes: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }
  // Ties share the gradient evenly; so do NaN where they count as extreme. Else these leave NaN to all.
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    let shape = context.shape()
    var isExtreme = context.first .== context.output.restored(shape, dims)
    if nanIsExtreme { isExtreme = isExtreme .| context.first.isNaN() }
    let ties = apply(Sum(dims: dims, keepDim: true), isExtreme)
    return Gradients((g.restored(shape, dims) / ties) * isExtreme)
  }
}

extension Norm: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  // 0 where the norm is 0, though it has no derivative there.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let shape = context.shape()
    let x = context.first.cast(to: dtype)
    let (g, norm) = (gradient.restored(shape, dims), context.output.restored(shape, dims))
    let isZero = norm .== 0
    switch p {
    case 0: return Gradients(nil)
    case 1: return Gradients(g * x.sign())
    case 2: return Gradients(g * (x / norm).zeroed(where: isZero))
    case .infinity, -.infinity:
      let isExtreme = x.abs() .== norm
      let ties = apply(Sum(dims: dims, keepDim: true), isExtreme)
      return Gradients(x.sign() * isExtreme * (g / ties).zeroed(where: ties .== 0))
    case ..<1:
      let powers = (x.sign() * x.abs() ** (p - 1)).zeroed(where: x .== 0)
      return Gradients(powers * g * norm ** (1 - p))
    case ..<2:
      return Gradients((x.sign() * x.abs() ** (p - 1)) * (g / norm ** (p - 1)).zeroed(where: isZero))
    default:
      return Gradients((x * x.abs() ** (p - 2)) * (g / norm ** (p - 1)).zeroed(where: isZero))
    }
  }
}

extension Variance: Differentiable {
  package func saved(for needed: Operands) -> Operands { .first }
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(varianceGradient(g.restored(context.shape(), dims), context.first, dims, correction))
  }
}

extension StandardDeviation: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }
  package func backward(_ g: Tensor, _ context: BackwardContext) -> Gradients {
    let y = context.output
    let ofVariance = (g / (y * 2)).zeroed(where: y .== 0)
    return Gradients(varianceGradient(ofVariance.restored(context.shape(), dims), context.first, dims, correction))
  }
}

/// The gradient of a variance: 2 (x - mean) / (n - correction) times its own.
private func varianceGradient(_ g: Tensor, _ x: Tensor, _ dims: Dims, _ correction: Double) -> Tensor {
  let degrees = Double(reducedCount(x.layout.shape, dims)) - correction
  return g * (2 / degrees) * (x - apply(Mean(dims: dims, keepDim: true), x))
}
