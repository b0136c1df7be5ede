public import Tensor

extension Tensor {
  /// Whether gradients flow to the tensor: it was asked for, or it was computed from one that was.
  public var requiresGrad: Bool { isRecorded }

  /// Turns on (or off) the recording of operations on this tensor, and returns it.
  ///
  /// Only tensors of floating-point dtypes can require gradients, and only leaves can be changed: those not computed
  /// from others that require grad.
  @discardableResult
  public func requiresGrad(_ flag: Bool = true) -> Tensor {
    checked(or: ()) { () throws(TensorError) in
      if let vertex = anyVertex {
        if vertex.isLeaf {
          vertex.requiresGrad = flag
        } else if !flag {
          throw TensorError(
            .autograd, "requiresGrad",
            "only leaves can be told whether they require grad, and this tensor is the result of "
              + "\(vertex.operationName ?? "an operation"); use detach() for one without a graph")
        }
      } else if flag {
        setRecorder(try Tensor.makeLeaf(self))
      }
    }
    return self
  }

  /// Whether the tensor was not computed from others that require grad; backward stores the gradients of such.
  public var isLeaf: Bool { recorder?.isLeaf ?? true }

  /// The name of the recorded operation whose result the tensor is, such as "MultiplyBackward"; nil for a leaf.
  public var gradFunctionName: String? { recorder?.gradFunctionName }

  /// The gradient that `backward()` accumulated; nil before the first.
  ///
  /// Of the tensor's shape and dtype. Leaves that require grad have one, and results after `retainGrad()`.
  public var grad: Tensor? {
    get { anyVertex?.grad }
    set {
      checked(or: ()) { () throws(TensorError) in
        if let newValue {
          if newValue.layout.shape != layout.shape {
            throw TensorError(
              .shape, "grad",
              "attempting to assign a gradient of shape \(newValue.shape) to a tensor of shape \(shape)")
          }
          if newValue.dtype != dtype || newValue.device != device {
            throw TensorError(
              .dtype, "grad",
              "attempting to assign a gradient of \(newValue.dtype) on \(newValue.device) to a tensor of \(dtype) on "
                + "\(device)")
          }
        }
        if let vertex = anyVertex {
          vertex.grad = newValue
        } else if let newValue {
          let leaf = Leaf(self, requiresGrad: false)
          leaf.grad = newValue
          setRecorder(leaf)
        }
      }
    }
  }

  /// Forgets the gradient, or sets it to zero.
  ///
  /// - Parameter setToNil: Whether `grad` becomes nil, which frees its memory; else it is filled with zeros.
  public func zeroGrad(setToNil: Bool = true) {
    if setToNil {
      if grad != nil { grad = nil }
    } else if let old = grad {
      if old.requiresGrad {
        grad = Tensor.zerosLike(old)
      } else {
        noGrad { _ = old.zero() }
      }
    }
  }

  /// A tensor on the same memory that takes no part in the graph.
  ///
  /// Writes in place to either are seen by both, and by backward's check for overwritten values.
  public func detach() -> Tensor { Tensor(aliasing: self) }

  /// Asks backward to store the gradient of this result in `grad`, as it does for leaves.
  public func retainGrad() {
    checked(or: ()) { () throws(TensorError) in
      guard let vertex else {
        throw TensorError(.autograd, "retainGrad", "can't retain the gradient of a tensor that does not require grad")
      }
      if !vertex.isLeaf { vertex.attach { $0.retainsGrad = true } }
    }
  }

  /// Whether backward stores the gradient of this result.
  public var retainsGrad: Bool {
    guard let vertex = anyVertex, !vertex.isLeaf else { return false }
    return vertex.attached { $0.retainsGrad } ?? false
  }
}
