internal import NN

extension Table {
  /// Shapes, views, joining, repeating.
  static func shapes() -> Family {
    var t = Family("shapes")
    reshaping(&t)
    dimensions(&t)
    parts(&t)
    joining(&t)
    return t
  }

  private static func reshaping(_ t: inout Family) {
    t.one("reshape") { a in try a[0].tensor().reshape(a[1, "shape"].ints()) }
    t.one("view", .readsStrides) { a in try a[0].tensor().view(a[1].ints()) }
    t.one("flatten") { a in
      try a[0].tensor().flatten(startDim: a[1, "start_dim"].int(or: 0), endDim: a[2, "end_dim"].int(or: -1))
    }
    t.one("unflatten") { a in try a[0].tensor().unflatten(dim: a[1, "dim"].int(), sizes: a[2, "sizes"].ints()) }
    t.one("squeeze") { a in
      let dim = try a[1, "dim"].optionalInt()
      return dim == nil ? try a[0].tensor().squeeze() : try a[0].tensor().squeeze(dim: dim!)
    }
    t.one("squeeze.multiple") { a in try a[0].tensor().squeeze(dims: a[1, "dim"].ints()) }
    t.one("unsqueeze") { a in try a[0].tensor().unsqueeze(dim: a[1, "dim"].int()) }
    t.one("expand") { a in try a[0].tensor().expand(a[1].ints()) }
    t.one("expand_as") { a in try a[0].tensor().expand(as: a[1].tensor()) }
    t.one("broadcast_to") { a in try a[0].tensor().broadcast(to: a[1, "size"].ints()) }
    t.one("contiguous") { a in try a[0].tensor().contiguous() }
    t.one("clone") { a in try a[0].tensor().clone() }
    t.one("as_strided", .readsStrides) { a in
      try a[0].tensor().asStrided(
        a[1, "size"].ints(), strides: a[2, "stride"].ints(), offset: a[3, "storage_offset"].optionalInt())
    }
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
    t.one("diagonal") { a in
      try a[0].tensor().diagonal(
        offset: a[1, "offset"].int(or: 0), dim1: a[2, "dim1"].int(or: 0), dim2: a[3, "dim2"].int(or: 1))
    }
    t.many("unbind") { a in try a[0].tensor().unbind(dim: a[1, "dim"].int(or: 0)) }
    t.many("split") { a in try a[0].tensor().split(a[1, "split_size"].int(), dim: a[2, "dim"].int(or: 0)) }
    t.many("split.list_args") { a in try a[0].tensor().split(a[1, "split_size"].ints(), dim: a[2, "dim"].int(or: 0)) }
    t.many("split_with_sizes") { a in
      try a[0].tensor().split(a[1, "split_sizes"].ints(), dim: a[2, "dim"].int(or: 0))
    }
    t.many("chunk") { a in try a[0].tensor().chunk(a[1, "chunks"].int(), dim: a[2, "dim"].int(or: 0)) }
    t.one("unfold") { a in
      try a[0].tensor().unfold(dim: a[1, "dimension"].int(), size: a[2, "size"].int(), step: a[3, "step"].int())
    }
  }

  private static func joining(_ t: inout Family) {
    t.one("cat") { a in try cat(a[0].tensors(), dim: a[1, "dim"].int(or: 0)) }
    t.one("stack") { a in try stack(a[0].tensors(), dim: a[1, "dim"].int(or: 0)) }
    t.one("repeat") { a in try a[0].tensor().repeat(a[1].ints()) }
    t.one("tile") { a in try a[0].tensor().tile(a[1, "dims"].ints()) }
  }
}
