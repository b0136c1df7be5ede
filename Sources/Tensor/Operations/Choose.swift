// `where` under a name that the method of `Tensor` does not hide, for use inside other methods.

func choose(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor { `where`(condition, a, b) }
func choose(_ condition: Tensor, _ a: Tensor, _ b: some Scalar) -> Tensor { `where`(condition, a, b) }
func choose(_ condition: Tensor, _ a: some Scalar, _ b: Tensor) -> Tensor { `where`(condition, a, b) }
