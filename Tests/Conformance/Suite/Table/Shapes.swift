internal import NN

extension Table {
  /// Shapes, views, joining, repeating.
  static func shapes() -> Family {
    var t = Family("shapes")
    reshaping(&t)
    expanding(&t)
    dimensions(&t)
    parts(&t)
    splitting(&t)
    joining(&t)
    repeating(&t)
    diagonals(&t)
    padding(&t)
    copies(&t)
    t.notInPlace(
      ["squeeze", "squeeze.multiple", "unsqueeze", "t", "transpose", "as_strided"],
      because: "the tensor written to would change its shape or strides")
    return t
  }

  private static func reshaping(_ t: inout Family) {
    t.one("reshape") { a in try a[0].tensor().reshape(a[1, "shape"].ints()) }
    t.one("reshape_as") { a in try a[0].tensor().reshape(as: a[1].tensor()) }
    t.one("view", .readsStrides) { a in try a[0].tensor().view(a[1].ints()) }
    t.one("view_as", .readsStrides) { a in try a[0].tensor().view(as: a[1].tensor()) }
    t.one("ravel", .readsStrides) { a in try a[0].tensor().ravel() }
    t.one("flatten", .readsStrides) { a in
      try a[0].tensor().flatten(startDim: a[1, "start_dim"].int(or: 0), endDim: a[2, "end_dim"].int(or: -1))
    }
    t.one("unflatten", .readsStrides) { a in
      try a[0].tensor().unflatten(dim: a[1, "dim"].int(), sizes: a[2, "sizes"].ints())
    }
    t.one("squeeze") { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return try a[0].tensor().squeeze() }
      return try a[0].tensor().squeeze(dim: dim)
    }
    t.one("squeeze.multiple") { a in try a[0].tensor().squeeze(dims: a[1, "dim"].ints()) }
    t.one("unsqueeze") { a in try a[0].tensor().unsqueeze(dim: a[1, "dim"].int()) }
    t.one("contiguous", .readsStrides) { a in try a[0].tensor().contiguous() }
    t.one("clone") { a in try a[0].tensor().clone() }
    t.one("as_strided", .readsStrides) { a in
      try a[0].tensor().asStrided(
        a[1, "size"].ints(), strides: a[2, "stride"].ints(), offset: a[3, "storage_offset"].optionalInt())
    }
    t.value("atleast_1d") { a in try eachAtLeast(a) { $0.atleast1d() } }
    t.value("atleast_2d") { a in try eachAtLeast(a) { $0.atleast2d() } }
    t.value("atleast_3d") { a in try eachAtLeast(a) { $0.atleast3d() } }
  }

  /// PyTorch takes one tensor or a list.
  private static func eachAtLeast(_ a: Arguments, _ widen: (Tensor) -> Tensor) throws -> Value {
    if a.positional.count == 1, !a[0].isList { return .tensor(widen(try a[0].tensor())) }
    return .tensors(try tensors(a).map(widen))
  }

  /// Tensors given one by one or as a list.
  private static func tensors(_ a: Arguments) throws -> [Tensor] {
    try a.rest(from: 0).map { try Argument(label: "tensors", value: $0).tensor() }
  }

  private static func expanding(_ t: inout Family) {
    t.one("expand") { a in try a[0].tensor().expand(a[1].ints()) }
    t.one("expand_as") { a in try a[0].tensor().expand(as: a[1].tensor()) }
    t.one("broadcast_to") { a in try a[0].tensor().broadcast(to: a[1, "size"].ints()) }
    t.many("broadcast_tensors") { a in broadcastTensors(try tensors(a)) }
    t.value("broadcast_shapes") { a in
      let shapes: [[Int]] = try a.positional.map { try Argument(label: "shapes", value: $0).ints() }
      return .tuple(broadcastShapes(shapes).map { .int($0) })
    }
    t.many("meshgrid.list_of_tensors") { a in try meshgrid(tensors(a), indexing: indexing(a)) }
    t.many("meshgrid.variadic_tensors") { a in try meshgrid(tensors(a), indexing: indexing(a)) }
    t.one("sum_to_size") { a in
      let sizes: [Int] = try a.rest(from: 1).map { try Argument(label: "size", value: $0).int() }
      return try a[0].tensor().sum(toSize: sizes)
    }
  }

  private static func indexing(_ a: Arguments) throws -> MeshgridIndexing {
    try a["indexing"].choice(["ij": .ij, "xy": .xy], or: .ij)
  }

  private static func dimensions(_ t: inout Family) {
    t.one("permute") { a in try a[0].tensor().permute(a[1, "dims"].ints()) }
    t.one("transpose") { a in try a[0].tensor().transpose(a[1, "dim0"].int(), a[2, "dim1"].int()) }
    t.one("t") { a in try a[0].tensor().t() }
    t.one("T") { a in try a[0].tensor().T }
    t.one("mT") { a in try a[0].tensor().mT }
    t.one("movedim") { a in try a[0].tensor().movedim(a[1, "source"].ints(), a[2, "destination"].ints()) }
  }

  private static func parts(_ t: inout Family) {
    t.one("select") { a in try a[0].tensor().select(dim: a[1, "dim"].int(), index: a[2, "index"].int()) }
    t.one("narrow") { a in
      try a[0].tensor().narrow(dim: a[1, "dim"].int(), start: a[2, "start"].int(), length: a[3, "length"].int())
    }
    t.one("slice") { a in
      try a[0].tensor().slice(
        dim: a[1, "dim"].int(or: 0), a[2, "start"].optionalInt(), a[3, "end"].optionalInt(), by: a[4, "step"].int(or: 1)
      )
    }
    t.one("unfold") { a in
      try a[0].tensor().unfold(dim: a[1, "dimension"].int(), size: a[2, "size"].int(), step: a[3, "step"].int())
    }
    t.one("select_scatter") { a in
      try a[0].tensor().selectScatter(a[1, "src"].tensor(), dim: a[2, "dim"].int(), index: a[3, "index"].int())
    }
    t.one("slice_scatter") { a in
      try a[0].tensor().sliceScatter(
        a[1, "src"].tensor(), dim: a[2, "dim"].int(or: 0), a[3, "start"].optionalInt(), a[4, "end"].optionalInt(),
        by: a[5, "step"].int(or: 1))
    }
    t.one("as_strided_scatter", .readsStrides) { a in
      try a[0].tensor().asStridedScatter(
        a[1, "src"].tensor(), a[2, "size"].ints(), strides: a[3, "stride"].ints(),
        offset: a[4, "storage_offset"].optionalInt())
    }
    t.differs(
      "as_strided_scatter", ["s/*"],
      because: "PyTorch gives the overwritten elements' gradient to the input and none to those that stay")
  }

  private static func splitting(_ t: inout Family) {
    t.many("unbind") { a in try a[0].tensor().unbind(dim: a[1, "dim"].int(or: 0)) }
    for name in ["split", "unsafe_split"] {
      t.many(name) { a in try a[0].tensor().split(a[1, "split_size"].int(), dim: a[2, "dim"].int(or: 0)) }
    }
    t.many("split.list_args") { a in try a[0].tensor().split(a[1, "split_size"].ints(), dim: a[2, "dim"].int(or: 0)) }
    t.many("split_with_sizes") { a in
      try a[0].tensor().split(a[1, "split_sizes"].ints(), dim: a[2, "dim"].int(or: 0))
    }
    for name in ["chunk", "unsafe_chunk"] {
      t.many(name) { a in try a[0].tensor().chunk(a[1, "chunks"].int(), dim: a[2, "dim"].int(or: 0)) }
    }
    t.many("tensor_split") { a in
      let (x, parts, dim) = (try a[0].tensor(), a[1], try a[2, "dim"].int(or: 0))
      if case .tensor(let positions) = parts.value {
        return positions.rank == 0
          ? x.tensorSplit(positions.item(as: Int.self), dim: dim)
          : x.tensorSplit(at: positions.array(as: Int.self), dim: dim)
      }
      return parts.isList ? x.tensorSplit(at: try parts.ints(), dim: dim) : x.tensorSplit(try parts.int(), dim: dim)
    }
    t.many("hsplit") { a in
      a[1].isList ? try a[0].tensor().hsplit(at: a[1].ints()) : try a[0].tensor().hsplit(a[1].int())
    }
    t.many("vsplit") { a in
      a[1].isList ? try a[0].tensor().vsplit(at: a[1].ints()) : try a[0].tensor().vsplit(a[1].int())
    }
    t.many("dsplit") { a in
      a[1].isList ? try a[0].tensor().dsplit(at: a[1].ints()) : try a[0].tensor().dsplit(a[1].int())
    }
  }

  private static func joining(_ t: inout Family) {
    t.one("cat") { a in try cat(a[0].tensorList(), dim: a[1, "dim"].int(or: 0)) }
    t.one("stack") { a in try stack(a[0].tensorList(), dim: a[1, "dim"].int(or: 0)) }
    t.one("hstack") { a in hstack(try a[0].tensorList()) }
    t.one("vstack") { a in vstack(try a[0].tensorList()) }
    t.one("dstack") { a in dstack(try a[0].tensorList()) }
    t.one("column_stack") { a in columnStack(try a[0].tensorList()) }
    t.one("block_diag") { a in blockDiag(try tensors(a)) }
    t.one("cartesian_prod") { a in cartesianProd(try tensors(a)) }
    t.one("combinations") { a in
      try a[0].tensor().combinations(r: a[1, "r"].int(or: 2), withReplacement: a[2, "with_replacement"].bool(or: false))
    }
  }

  private static func repeating(_ t: inout Family) {
    t.one("repeat") { a in try a[0].tensor().repeat(a[1].ints()) }
    t.one("tile") { a in try a[0].tensor().tile(a[1, "dims"].ints()) }
    t.one("repeat_interleave") { a in
      let (x, dim) = (try a[0].tensor(), try a[2, "dim"].optionalInt())
      if case .tensor(let repeats) = a[1, "repeats"].value { return x.repeatInterleave(repeats, dim: dim) }
      return x.repeatInterleave(try a[1, "repeats"].int(), dim: dim)
    }
    t.one("roll") { a in
      let (x, shifts, dims) = (try a[0].tensor(), try a[1, "shifts"].ints(), try a[2, "dims"].ints(or: []))
      if dims.isEmpty && shifts.count == 1 { return x.roll(shifts[0]) }
      return x.roll(shifts, dims: dims)
    }
    t.one("flip") { a in try a[0].tensor().flip(dims: a[1, "dims"].ints()) }
    t.one("fliplr") { a in try a[0].tensor().fliplr() }
    t.one("flipud") { a in try a[0].tensor().flipud() }
    t.one("rot90") { a in
      let dims = try a[2, "dims"].ints(or: [0, 1])
      if dims.count != 2 { throw ArgumentError("dims is a pair, not \(dims)") }
      return try a[0].tensor().rot90(a[1, "k"].int(or: 1), dims: (dims[0], dims[1]))
    }
  }

  private static func diagonals(_ t: inout Family) {
    t.one("diagonal") { a in try diagonal(a, 0, 1) }
    t.one("linalg.diagonal") { a in try diagonal(a, -2, -1) }
    t.one("diagonal_copy") { a in try diagonal(a, 0, 1).clone() }
    t.one("diagonal_scatter") { a in
      try a[0].tensor().diagonalScatter(
        a[1, "src"].tensor(), offset: a[2, "offset"].int(or: 0), dim1: a[3, "dim1"].int(or: 0),
        dim2: a[4, "dim2"].int(or: 1))
    }
    t.one("diag") { a in try a[0].tensor().diag(offset: a[1, "diagonal"].int(or: 0)) }
    t.one("diag_embed") { a in
      try a[0].tensor().diagEmbed(
        offset: a[1, "offset"].int(or: 0), dim1: a[2, "dim1"].int(or: -2), dim2: a[3, "dim2"].int(or: -1))
    }
    t.one("diagflat") { a in try a[0].tensor().diagflat(offset: a[1, "offset"].int(or: 0)) }
    t.one("tril") { a in try a[0].tensor().tril(diagonal: a[1, "diagonal"].int(or: 0)) }
    t.one("triu") { a in try a[0].tensor().triu(diagonal: a[1, "diagonal"].int(or: 0)) }
  }

  private static func diagonal(_ a: Arguments, _ dim1: Int, _ dim2: Int) throws -> Tensor {
    try a[0].tensor().diagonal(
      offset: a[1, "offset"].int(or: 0), dim1: a[2, "dim1"].int(or: dim1), dim2: a[3, "dim2"].int(or: dim2))
  }

  private static func padding(_ t: inout Family) {
    for mode in ["constant", "circular", "reflect", "replicate", "replicate_negative"] {
      t.one("nn.functional.pad." + mode) { a in
        let modes: [String: PadMode] = [
          "constant": .constant, "circular": .circular, "reflect": .reflect, "replicate": .replicate,
        ]
        let mode = try a[2, "mode"].choice(modes, or: .constant)
        return try a[0].tensor().pad(a[1, "pad"].ints(), mode: mode, value: a[3, "value"].scalar(or: 0))
      }
    }
    t.one("constant_pad_nd") { a in try a[0].tensor().pad(a[1, "pad"].ints(), value: a[2, "value"].scalar(or: 0)) }
  }

  /// PyTorch's forms that copy: here the copy of a view.
  private static func copies(_ t: inout Family) {
    t.one("alias_copy") { a in try a[0].tensor().clone() }
    t.one("as_strided_copy", .readsStrides) { a in
      let offset = try a[3, "storage_offset"].optionalInt()
      return try a[0].tensor().asStrided(a[1, "size"].ints(), strides: a[2, "stride"].ints(), offset: offset).clone()
    }
    t.one("expand_copy") { a in try a[0].tensor().expand(a[1, "size"].ints()).clone() }
    t.one("narrow_copy") { a in
      let (start, length) = (try a[2, "start"].int(), try a[3, "length"].int())
      return try a[0].tensor().narrow(dim: a[1, "dim"].int(), start: start, length: length).clone()
    }
    t.one("permute_copy") { a in try a[0].tensor().permute(a[1, "dims"].ints()).clone() }
    t.many("split_with_sizes_copy") { a in
      try a[0].tensor().split(a[1, "split_sizes"].ints(), dim: a[2, "dim"].int(or: 0)).map { $0.clone() }
    }
    t.one("squeeze_copy") { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return try a[0].tensor().squeeze().clone() }
      return try a[0].tensor().squeeze(dim: dim).clone()
    }
    t.one("t_copy") { a in try a[0].tensor().t().clone() }
    t.one("transpose_copy") { a in try a[0].tensor().transpose(a[1, "dim0"].int(), a[2, "dim1"].int()).clone() }
    t.many("unbind_copy") { a in try a[0].tensor().unbind(dim: a[1, "dim"].int(or: 0)).map { $0.clone() } }
    t.one("unfold_copy") { a in
      let (size, step) = (try a[2, "size"].int(), try a[3, "step"].int())
      return try a[0].tensor().unfold(dim: a[1, "dimension"].int(), size: size, step: step).clone()
    }
    t.one("unsqueeze_copy") { a in try a[0].tensor().unsqueeze(dim: a[1, "dim"].int()).clone() }
    t.one("view_copy", .readsStrides) { a in try a[0].tensor().view(a[1].ints()).clone() }
  }
}
