internal import CTensorKernels

// How kernels, on any device, see tensors.

/// The kernels' view of a tensor; valid inside `body`.
@inline(__always)
func withView<Result>(_ tensor: Tensor, _ body: (st_view) -> Result) -> Result {
  tensor.layout.shape.withPointer { shape in
    tensor.layout.strides.withPointer { strides in
      body(
        st_view(
          data: tensor.storage.address + tensor.layout.offset * tensor.dtype.itemSize, shape: shape, strides: strides,
          rank: Int32(truncatingIfNeeded: tensor.layout.rank), dtype: st_dtype(tensor.dtype.rawValue)))
    }
  }
}

@inline(__always)
func withViews<Result>(_ a: Tensor, _ b: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  withView(a) { a in withView(b) { b in body(a, b) } }
}

@inline(__always)
func withViews<Result>(
  _ a: Tensor, _ b: Tensor, _ c: Tensor, _ body: (st_view, st_view, st_view) -> Result
) -> Result {
  withView(a) { a in withView(b) { b in withView(c) { c in body(a, b, c) } } }
}

/// The view of a write to `output` alone, as a vector where it lies in row-major order.
@inline(__always)
func withElementwiseView<Result>(_ output: Tensor, _ body: (st_view) -> Result) -> Result {
  guard output.isContiguous else { return withView(output, body) }
  return withUnsafePointer(to: (output.count, 1, 0)) { numbers in
    body(flatView(output, UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)))
  }
}

/// The views of a write to `output` from inputs that broadcast to it, as vectors where all lie in row-major order.
///
/// Most operands do, and the kernels then have no dimensions to look through.
@inline(__always)
func withElementwiseViews<Result>(_ output: Tensor, _ x: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  guard output.isContiguous, isFlat(x, output) else { return withViews(output, x, body) }
  return withUnsafePointer(to: (output.count, 1, 0)) { numbers in
    let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
    return body(flatView(output, numbers), flatView(x, numbers))
  }
}

@inline(__always)
func withElementwiseViews<Result>(
  _ output: Tensor, _ a: Tensor, _ b: Tensor, _ body: (st_view, st_view, st_view) -> Result
) -> Result {
  guard output.isContiguous, isFlat(a, output), isFlat(b, output) else { return withViews(output, a, b, body) }
  return withUnsafePointer(to: (output.count, 1, 0)) { numbers in
    let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
    return body(flatView(output, numbers), flatView(a, numbers), flatView(b, numbers))
  }
}

/// The views of a reduction of all elements to one.
@inline(__always)
func withReductionViews<Result>(_ output: Tensor, _ x: Tensor, _ body: (st_view, st_view) -> Result) -> Result {
  if x.isContiguous {
    return withUnsafePointer(to: (x.count, 1, 0)) { numbers in
      let numbers = UnsafeRawPointer(numbers).assumingMemoryBound(to: Int.self)
      var out = flatView(output, numbers)
      out.shape = numbers + 1
      var input = flatView(x, numbers)
      input.strides = numbers + 1
      return body(out, input)
    }
  }
  let one = Layout(shape: Dims(repeating: 1, count: x.rank), strides: Dims(repeating: 0, count: x.rank))
  return withView(x) { input in
    one.shape.withPointer { shape in
      one.strides.withPointer { strides in
        var out = input
        out.data = output.storage.address + output.layout.offset * output.dtype.itemSize
        out.dtype = st_dtype(output.dtype.rawValue)
        out.shape = shape
        out.strides = strides
        return body(out, input)
      }
    }
  }
}

/// Whether an input is read once from beginning to end, or is a single element.
@inline(__always)
private func isFlat(_ x: Tensor, _ output: Tensor) -> Bool {
  x.count == 1 || x.isContiguous && x.count == output.count
}

/// A vector view; `numbers` are the vector's length, 1 and 0.
@inline(__always)
private func flatView(_ x: Tensor, _ numbers: UnsafePointer<Int>) -> st_view {
  st_view(
    data: x.storage.address + x.layout.offset * x.dtype.itemSize, shape: numbers,
    strides: x.count == 1 ? numbers + 2 : numbers + 1, rank: 1, dtype: st_dtype(x.dtype.rawValue))
}

/// The view of a tensor that may be missing: null data then.
@inline(__always)
func withView<Result>(_ tensor: Tensor?, _ body: (st_view) -> Result) -> Result {
  // Any zero-dim tensor stands for a missing one: one call of the inlined body, as in `Dims.withPointer`.
  withView(tensor ?? .poisoned) { view in
    var view = view
    if tensor == nil { (view.data, view.dtype) = (nil, st_dtype(0)) }
    return body(view)
  }
}

func withViews<Result>(_ tensors: [Tensor], _ body: (UnsafePointer<st_view>, Int32) -> Result) -> Result {
  var views: [st_view] = []
  views.reserveCapacity(tensors.count)
  func next(_ i: Int) -> Result {
    if i == tensors.count { return views.withUnsafeBufferPointer { body($0.baseAddress!, Int32(i)) } }
    return withView(tensors[i]) { view in
      views.append(view)
      return next(i + 1)
    }
  }
  return next(0)
}

/// The numbers of a formula, as kernels take them; valid inside `body`.
@inline(__always)
func withParameters<Result>(_ parameters: Parameters, _ body: (UnsafePointer<Double>) -> Result) -> Result {
  withUnsafePointer(to: (parameters.first, parameters.second)) {
    body(UnsafeRawPointer($0).assumingMemoryBound(to: Double.self))
  }
}

extension st_unary_op {
  /// The formula's name, for errors.
  var name: String { String(cString: st_unary_name(self)) }
}

extension st_binary_op {
  /// The formula's name, for errors.
  var name: String { String(cString: st_binary_name(self)) }
}

extension st_ternary_op {
  /// The formula's name, for errors.
  var name: String { String(cString: st_ternary_name(self)) }
}

/// The view of attention's mask, which may be missing, broadcast to the weights' shape.
func withMask<Result>(_ mask: Tensor?, of q: Tensor, _ k: Tensor, _ body: (st_view) -> Result) -> Result {
  guard let mask else { return withView(nil as Tensor?, body) }
  var shape = Dims(q.layout.shape.dropLast())
  shape.append(k.layout.shape[2])
  let layout = mask.layout.broadcast(to: shape)
  return withView(Tensor(storage: mask.storage, layout: layout, dtype: mask.dtype), body)
}
