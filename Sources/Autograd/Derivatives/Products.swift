package import Tensor

extension Matmul: Differentiable {
  package func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }

  // For c = a b the gradients are g bᵀ and aᵀ g; those of repeated stacks are summed by the engine.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    // An operand is saved, or else its own gradient is asked for and its shape known.
    let isVectorA = (context.needs(.second) ? context.first.rank : context.shape(0).count) == 1
    let isVectorB = (context.needs(.first) ? context.second.rank : context.shape(1).count) == 1
    if isVectorA, isVectorB { return context.gradients(gradient * context.second, gradient * context.first) }
    var g = gradient
    if isVectorA { g = g.unsqueeze(dim: isVectorB ? -1 : -2) }
    if isVectorB { g = g.unsqueeze(dim: -1) }
    return context.gradients(
      ofFirst(g, context.second, isVectorB: isVectorB),
      ofSecond(g, context.first, context.shape(1), isVectorA, isVectorB))
  }

  private func ofFirst(_ g: Tensor, _ b: Tensor, isVectorB: Bool) -> Tensor {
    isVectorB ? g * b : g.matmul(b.transpose(-1, -2))
  }

  private func ofSecond(_ g: Tensor, _ a: Tensor, _ shape: Dims, _ isVectorA: Bool, _ isVectorB: Bool) -> Tensor {
    let matrix = isVectorA ? a.unsqueeze(dim: 0) : a
    if shape.count <= 2, matrix.rank > 2 {
      // One matrix for a whole stack: a single product over all rows.
      let product = matrix.flatten(startDim: 0, endDim: -2).t().matmul(g.flatten(startDim: 0, endDim: -2))
      return isVectorB ? product.squeeze(dim: -1) : product
    }
    let product = matrix.transpose(-1, -2).matmul(g)
    return isVectorB ? product.squeeze(dim: -1) : product
  }
}

extension LinearProduct: Differentiable {
  package func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(gradient.matmul(context.second), ofWeight(gradient, context), gradient)
  }

  private func ofWeight(_ gradient: Tensor, _ context: BackwardContext) -> Tensor {
    rows(gradient).t().matmul(rows(context.first))
  }

  /// All leading dimensions as one.
  private func rows(_ x: Tensor) -> Tensor {
    switch x.rank {
    case 1: x.unsqueeze(dim: 0)
    case 2: x
    default: x.flatten(startDim: 0, endDim: -2)
    }
  }
}
