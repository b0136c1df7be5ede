// Derivatives of factorisations and linear systems, by the formulas of Giles, "Collected matrix derivative results for
// forward and reverse mode algorithmic differentiation" (2008), and Townsend, "Differentiating the singular value
// decomposition" (2016).
package import Tensor

extension Cholesky: Differentiable {
  package func saved(for needed: Operands) -> Operands { .output }

  // With P the lower half of Lᵀ g, its diagonal halved: L⁻ᵀ P L⁻¹, made symmetric.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let l = context.output
    let half = l.transposed.matmul(gradient).tril()
    let p = half - 0.5 * diagonalMatrix(half.diagonal(dim1: -2, dim2: -1))
    let right = Linalg.solveTriangular(l, p, upper: false, left: false)
    let whole = Linalg.solveTriangular(l.transposed, right, upper: true)
    return Gradients(0.5 * (whole + whole.transposed))
  }
}

extension LUFactor: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.output, .operation] }

  // For a = P L U of square L and U: P L⁻ᵀ (tril(Lᵀ gL, -1) + triu(gU Uᵀ)) U⁻ᵀ. Where a is not square, its part beyond is a
  // product with the inverse of the square factor beside it, and adds to that one's gradient.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      let lu = context.output
      let (rows, columns) = lu.matrixSize
      let k = min(rows, columns)
      let square = lu.narrow(dim: -2, start: 0, length: k).narrow(dim: -1, start: 0, length: k)
      let (l, u) = (square.tril(diagonal: -1), square.triu())
      func lower(_ g: Tensor) -> Tensor { g.narrow(dim: -2, start: k, length: rows - k) }
      func upper(_ g: Tensor) -> Tensor { g.narrow(dim: -1, start: k, length: columns - k) }
      func corner(_ g: Tensor) -> Tensor { g.narrow(dim: -2, start: 0, length: k).narrow(dim: -1, start: 0, length: k) }
      var ofL = corner(gradient).tril(diagonal: -1)
      var ofU = corner(gradient).triu()
      var beyond: Tensor?
      if rows > k {
        // L2 = A2 U⁻¹
        let of2 = Linalg.solveTriangular(u.transposed, lower(gradient), upper: false, left: false)
        ofU = ofU - lower(lu).transposed.matmul(of2).triu()
        beyond = of2
      } else if columns > k {
        // U2 = L⁻¹ A2
        let of2 = Linalg.solveTriangular(l.transposed, upper(gradient), upper: true, unitriangular: true)
        ofL = ofL - of2.matmul(upper(lu).transposed).tril(diagonal: -1)
        beyond = of2
      }
      let unit = l + Tensor.eye(k, dtype: lu.dtype, device: lu.device)
      let middle = unit.transposed.matmul(ofL).tril(diagonal: -1) + ofU.matmul(u.transposed).triu()
      let left = Linalg.solveTriangular(l.transposed, middle, upper: true, unitriangular: true)
      var whole = Linalg.solveTriangular(u.transposed, left, upper: false, left: false)
      if let beyond { whole = cat([whole, beyond], dim: rows > k ? -2 : -1) }
      return Gradients(try Linalg.permutation(pivots, rows: rows, dtype: lu.dtype).matmul(whole))
    }
  }
}

extension QR: Differentiable {
  package func saved(for needed: Operands) -> Operands { .output }

  // For square R: (gQ + Q S(triu(gR Rᵀ - Qᵀ gQ))) R⁻ᵀ, where S adds the transpose without the diagonal. A wide a = Q [U V] has
  // V = Qᵀ Y for its right part Y.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      let shape = context.shape()
      let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
      if complete, rows > columns {
        throw TensorError(
          .autograd, name, "the complete mode has no derivative for more rows than columns, shape \(shape)")
      }
      let parts = parts(rows, columns)
      let (q, r) = (parts.part(0, of: context.output), parts.part(1, of: context.output))
      var (ofQ, ofR) = (parts.part(0, of: gradient), parts.part(1, of: gradient))
      if rows >= columns { return Gradients(square(ofQ, ofR, q, r)) }
      let wide = columns - rows
      let v = r.narrow(dim: -1, start: rows, length: wide)
      let ofV = ofR.narrow(dim: -1, start: rows, length: wide)
      ofQ = ofQ + q.matmul(v).matmul(ofV.transposed)
      ofR = ofR.narrow(dim: -1, start: 0, length: rows)
      let left = square(ofQ, ofR, q, r.narrow(dim: -1, start: 0, length: rows))
      return Gradients(cat([left, q.matmul(ofV)], dim: -1))
    }
  }

  private func square(_ ofQ: Tensor, _ ofR: Tensor, _ q: Tensor, _ r: Tensor) -> Tensor {
    let triangle = (ofR.matmul(r.transposed) - q.transposed.matmul(ofQ)).triu()
    let symmetric = triangle + triangle.triu(diagonal: 1).transposed
    return Linalg.solveTriangular(
      r.transposed, ofQ + q.matmul(symmetric), upper: false, left: false)
  }
}

extension Eigh: Differentiable {
  package func saved(for needed: Operands) -> Operands { vectors ? .output : [.output, .first] }

  // V (diag(gλ) + (Vᵀ gV) / (λj - λi)) Vᵀ, of which only the symmetric part counts
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let n = context.shape().last ?? 0
    let parts = parts(n)
    let values = parts.part(0, of: context.output)
    // The vectors of the result have no derivative where they are not wanted, those of another decomposition do.
    let v =
      !vectors && Scope.isGradEnabled
      ? Linalg.eigh(context.first, upper: upper).eigenvectors : parts.part(1, of: context.output)
    var middle = diagonalMatrix(parts.part(0, of: gradient))
    if vectors {
      let along = v.transposed.matmul(parts.part(1, of: gradient))
      let turn = quotient(along, values.unsqueeze(dim: -2) - values.unsqueeze(dim: -1))
      middle = middle + (turn + turn.transposed) * 0.5
    }
    return Gradients(v.matmul(middle).matmul(v.transposed))
  }
}

extension SVD: Differentiable {
  package func saved(for needed: Operands) -> Operands { vectors ? .output : [.output, .first] }

  // U (diag(gS) + skew(Uᵀ gU) / E S + S skew(Vᵀ gV) / E) Vᵀ, with Eij = sj² - si² and skew(X) = X - Xᵀ, and what of gU and gV
  // leaves the spaces of U and V.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let shape = context.shape()
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let parts = parts(rows, columns)
    let (u, s, vt) = (
      parts.part(0, of: context.output), parts.part(1, of: context.output), parts.part(2, of: context.output)
    )
    let ofS = diagonalMatrix(parts.part(1, of: gradient))
    if !vectors && Scope.isGradEnabled {
      // The vectors of the result have no derivative, those of another decomposition do.
      let (u, _, vt) = Linalg.svd(context.first, fullMatrices: false)
      return Gradients(u.matmul(ofS).matmul(vt))
    }
    if !vectors { return Gradients(u.matmul(ofS).matmul(vt)) }
    let (ofU, ofV) = (parts.part(0, of: gradient), parts.part(2, of: gradient).transposed)
    let (row, column) = (s.unsqueeze(dim: -2), s.unsqueeze(dim: -1))
    let differences = (row - column) * (row + column)
    func skew(_ x: Tensor) -> Tensor { x - x.transposed }
    let middle =
      ofS + quotient(skew(u.transposed.matmul(ofU)), differences) * row
      + column * quotient(skew(vt.matmul(ofV)), differences)
    var whole = u.matmul(middle).matmul(vt)
    let k = min(rows, columns)
    if rows > k {
      let outside = ofU - u.matmul(u.transposed.matmul(ofU))
      whole = whole + (outside / row).matmul(vt)
    }
    if columns > k {
      let outside = ofV - vt.transposed.matmul(vt.matmul(ofV))
      whole = whole + u.matmul((outside / row).transposed)
    }
    return Gradients(whole)
  }
}

/// A division in which 0 / 0, on the diagonal and where nothing depends on equal values' vectors, is 0.
private func quotient(_ x: Tensor, _ y: Tensor) -> Tensor {
  let isNothing = (y .== 0).logicalAnd(x.detach() .== 0)
  let isDiagonal = Tensor.eye(y.shape.last ?? 0, dtype: .bool, device: y.device)
  let leave = isNothing.logicalOr(isDiagonal)
  return `where`(leave, 0, x) / `where`(leave, 1, y)
}

/// Matrices with a vector each on their diagonals.
private func diagonalMatrix(_ x: Tensor) -> Tensor {
  x.unsqueeze(dim: -1) * Tensor.eye(x.shape.last ?? 0, dtype: x.dtype, device: x.device)
}

extension Solve: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  // For x = a⁻¹ b: b's is a⁻ᵀ g, a's is minus that times xᵀ.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let ofB = Linalg.solve(context.first.transposed, gradient)
    return context.gradients(-ofB.matmul(context.output.transposed), ofB)
  }
}

extension TriangularSolve: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let ofB = Linalg.solveTriangular(
      context.first.transposed, gradient, upper: !upper, unitriangular: unitriangular)
    func ofA() -> Tensor {
      let whole = -ofB.matmul(context.output.transposed)
      let beside = unitriangular ? 1 : 0
      return upper ? whole.triu(diagonal: beside) : whole.tril(diagonal: -beside)
    }
    return context.gradients(ofA(), ofB)
  }
}

extension CholeskySolve: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.second, .output] }

  // For x = (L Lᵀ)⁻¹ b: b's is h = (L Lᵀ)⁻¹ g, L's is -(h xᵀ + x hᵀ) L. Nothing of it is left out, as in PyTorch, where the
  // factor is not taken for triangular.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let (factor, x) = (context.second, context.output)
    let ofB = gradient.choleskySolve(factor, upper: upper)
    func ofFactor() -> Tensor {
      let product = ofB.matmul(x.transposed)
      let symmetric = product + product.transposed
      return upper ? -factor.matmul(symmetric) : -symmetric.matmul(factor)
    }
    return context.gradients(ofB, ofFactor())
  }
}

extension PseudoInverse: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  // Of constant rank (Golub and Pereyra, 1973): -Pᵀ g Pᵀ + (I - a P) gᵀ P Pᵀ + Pᵀ P gᵀ (I - P a).
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let (a, p) = (context.first, context.output)
    let pt = p.transposed
    let gt = gradient.transposed
    let inner = gt.matmul(p)
    let second = (inner - a.matmul(p.matmul(inner))).matmul(pt)
    let outer = p.matmul(gt)
    let third = pt.matmul(outer - outer.matmul(p).matmul(a))
    return Gradients(second + third - pt.matmul(gradient).matmul(pt))
  }
}

extension LogAbsDeterminant: Differentiable {
  package func saved(for needed: Operands) -> Operands { .first }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(scaled(gradient) * Linalg.invEx(context.first).inverse.transposed)
  }
}

extension Determinant: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .output] }

  // det(a) a⁻ᵀ; for singular matrices, and unless it is differentiated again, the matrix of cofactors by singular values:
  // det(U V) U diag(products of the other values) Vᵀ.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let a = context.first
    if a.count == 0 { return Gradients(Tensor.zerosLike(a)) }
    let isSingular = !Scope.isGradEnabled && context.output.detach().abs().amin().item() < 1e-12
    if !isSingular {
      return Gradients(scaled(gradient * context.output) * Linalg.inv(a).transposed)
    }
    let (u, s, vt) = Linalg.svd(a, fullMatrices: false)
    let n = s.shape[s.rank - 1]
    let unit = Tensor.eye(n, dtype: s.dtype, device: s.device)
    // Row i holds all values but the i-th, which is 1.
    let others = (s.unsqueeze(dim: -2) * (1 - unit) + unit).prod(dim: -1)
    let sign = (Linalg.det(u) * Linalg.det(vt)).unsqueeze(dim: -1).unsqueeze(dim: -1)
    return Gradients(scaled(gradient) * sign * (u * others.unsqueeze(dim: -2)).matmul(vt))
  }
}

/// A number for each matrix, beside matrices.
private func scaled(_ x: Tensor) -> Tensor { x.unsqueeze(dim: -1).unsqueeze(dim: -1) }
