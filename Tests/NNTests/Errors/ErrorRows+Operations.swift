import NN

extension ErrorRows {
  static func products(_ t: inout ErrorRows) {
    t("torch.ones(2,3) @ torch.ones(2,3)", .shape) { ones(2, 3).matmul(ones(2, 3)) }
    t("torch.mm(torch.ones(2,3), torch.ones(4,5))", .shape) { ones(2, 3).mm(ones(4, 5)) }
    t("torch.mm(torch.ones(2,3), torch.ones(3))", .shape) { ones(2, 3).mm(ones(3)) }
    t("torch.bmm(torch.ones(2,3,4), torch.ones(3,4,5))", .shape) { ones(2, 3, 4).bmm(ones(3, 4, 5)) }
    t("torch.bmm(torch.ones(2,3,4), torch.ones(2,5,6))", .shape) { ones(2, 3, 4).bmm(ones(2, 5, 6)) }
    t("torch.ones(3) @ torch.ones(4)", .shape) { ones(3).matmul(ones(4)) }
    t("torch.ones(2,3) @ torch.ones(4)", .shape) { ones(2, 3).matmul(ones(4)) }
    t("torch.ones(5,2,3) @ torch.ones(4,3,2)", .shape) { ones(5, 2, 3).matmul(ones(4, 3, 2)) }
    t("torch.tensor(1.) @ torch.ones(3)", .shape) { Tensor(1.0).matmul(ones(3)) }
    t("torch.dot(torch.ones(3), torch.ones(4))", .shape) { ones(3).dot(ones(4)) }
    t("torch.dot(torch.ones(2,2), torch.ones(2))", .shape) { ones(2, 2).dot(ones(2)) }
    t("torch.ones(2,3) @ torch.ones(3,2,dtype=torch.float64)", .dtype) { ones(2, 3).matmul(ones(3, 2).double()) }
    t("torch.ones(2,3) @ torch.ones(3,2,dtype=torch.float16)", .dtype) { ones(2, 3).matmul(ones(3, 2).half()) }
    t("F.linear(torch.ones(2,3), torch.ones(4,5))", .shape) { linear(ones(2, 3), ones(4, 5)) }
    t("F.linear(torch.ones(2,3), torch.ones(4,3), torch.ones(5))", .shape) { linear(ones(2, 3), ones(4, 3), ones(5)) }
    t("F.linear(torch.ones(2,3,dtype=torch.float64), torch.ones(4,3))", .dtype) {
      linear(ones(2, 3).double(), ones(4, 3))
    }
    t("torch.addmm(torch.ones(5), torch.ones(2,3), torch.ones(3,4))", .shape) { ones(5).addmm(ones(2, 3), ones(3, 4)) }
  }

  static func reductions(_ t: inout ErrorRows) {
    t("F.softmax(torch.ones(2,3), 2)", .index) { ones(2, 3).softmax(dim: 2) }
    t("torch.softmax(torch.ones(2,dtype=torch.int64), 0)", .dtype) { ones(2).long().softmax(dim: 0) }
    t("torch.ones(2,3).sum(2)", .index) { ones(2, 3).sum(dim: 2) }
    t("torch.ones(2,3).sum((0,0))", .index) { ones(2, 3).sum(dims: [0, 0]) }
    t("torch.ones(2).mean(-2)", .index) { ones(2).mean(dim: -2) }
    t("torch.tensor([1,2]).mean()", .dtype) { Tensor([1, 2]).mean() }
    t("torch.tensor([]).max()", .shape) { Tensor.zeros(0).max() }
    t("torch.tensor([]).argmax()", .shape) { Tensor.zeros(0).argmax() }
    t("torch.zeros(2,0).max(1)", .shape) { Tensor.zeros(2, 0).max(dim: 1) }
    t("torch.topk(torch.ones(3), 4)", .index) { ones(3).topk(4) }
  }

  static func arithmetic(_ t: inout ErrorRows) {
    t("torch.ones(2,3) + torch.ones(2,4)", .shape) { ones(2, 3) + ones(2, 4) }
    t("torch.ones(3).add_(torch.ones(2,3))", .shape) { ones(3) += ones(2, 3) }
    t("torch.tensor([1,2]).add_(0.5)", .dtype) { Tensor([1, 2]) += 0.5 }
    t("torch.tensor([1,2]).div_(2)", .dtype) { Tensor([1, 2]) /= 2 }
    t("torch.tensor([True]).add_(1)", .dtype) { Tensor([true]) += 1 }
    t("torch.tensor([True]) - torch.tensor([True])", .dtype) { Tensor([true]) - Tensor([true]) }
    t("-torch.tensor([True])", .dtype) { -Tensor([true]) }
    t("torch.tensor([1.]) & torch.tensor([1.])", .dtype) { ones(1) .& ones(1) }
    t("~torch.tensor([1.])", .dtype) { ~ones(1) }
    t("torch.tensor([1.]) << 1", .dtype) { ones(1) << 1 }
    t("torch.tensor([1]) // 0", .value) { Tensor([1]).floorDivide(0) }
    t("torch.tensor([1]) % 0", .value) { Tensor([1]) % 0 }
    t("torch.tensor([2]) ** -1", .value) { Tensor([2]) ** -1 }
    t("x = torch.ones(1,2).expand(3,2); x.add_(1)", .value) { ones(1, 2).expand(3, 2) += 1 }
    t("torch.ones(2).item()", .shape) { ones(2).item() }
    t("bool(torch.ones(2))", .shape) { ones(2).item(as: Bool.self) }
    t("bool(torch.tensor([]))", .shape) { Tensor.zeros(0).item(as: Bool.self) }
    t("float(torch.ones(2))", .shape) { ones(2).item(as: Float.self) }
    t("int(torch.tensor([]))", .shape) { Tensor.zeros(0).item(as: Int.self) }
    t("torch.zeros(2, device='gpu')", .device) { Tensor.zeros(2, device: try Device("gpu")) }
  }

  static func shapes(_ t: inout ErrorRows) {
    t("torch.ones(2,3).view(4)", .shape) { ones(2, 3).view(4) }
    t("torch.ones(2,3).view(-1,-1)", .shape) { ones(2, 3).view(-1, -1) }
    t("torch.ones(2,3).view(-1,4)", .shape) { ones(2, 3).view(-1, 4) }
    t("torch.ones(2,3).view(-2,3)", .shape) { ones(2, 3).view(-2, 3) }
    t("torch.ones(2,3).t().view(6)", .shape) { ones(2, 3).t().view(6) }
    t("torch.ones(2,3).reshape(4)", .shape) { ones(2, 3).reshape(4) }
    t("torch.zeros(0).reshape(-1,0)", .shape) { Tensor.zeros(0).reshape(-1, 0) }
    t("torch.ones(2,3).expand(4,3)", .shape) { ones(2, 3).expand(4, 3) }
    t("torch.ones(2,3).expand(3)", .shape) { ones(2, 3).expand(3) }
    t("torch.ones(2,3).expand(-1,2,3)", .shape) { ones(2, 3).expand(-1, 2, 3) }
    t("torch.ones(2,3).permute(0,0)", .index) { ones(2, 3).permute(0, 0) }
    t("torch.ones(2,3).permute(0)", .index) { ones(2, 3).permute(0) }
    t("torch.ones(2,3).transpose(0,2)", .index) { ones(2, 3).transpose(0, 2) }
    t("torch.ones(2,3,4).t()", .shape) { ones(2, 3, 4).t() }
    t("torch.ones(2,3).squeeze(2)", .index) { ones(2, 3).squeeze(dim: 2) }
    t("torch.ones(2,3).unsqueeze(4)", .index) { ones(2, 3).unsqueeze(dim: 4) }
    t("torch.ones(3).repeat(1,-1)", .shape) { ones(3).repeat(1, -1) }
    t("torch.ones(2,3).repeat(2)", .shape) { ones(2, 3).repeat(2) }
    t("torch.cat([torch.ones(2,3), torch.ones(2,4)])", .shape) { cat([ones(2, 3), ones(2, 4)]) }
    t("torch.cat([torch.ones(2), torch.ones(2,3)])", .shape) { cat([ones(2), ones(2, 3)]) }
    t("torch.cat([])", .value) { cat([]) }
    t("torch.cat([torch.tensor(1.), torch.tensor(2.)])", .shape) { cat([Tensor(1.0), Tensor(2.0)]) }
    t("torch.stack([torch.ones(2), torch.ones(3)])", .shape) { stack([ones(2), ones(3)]) }
    t("torch.stack([])", .value) { stack([]) }
    t("torch.split(torch.ones(5), [2,2])", .shape) { ones(5).split([2, 2]) }
    t("torch.chunk(torch.ones(5), 0)", .value) { ones(5).chunk(0) }
  }

  static func indexing(_ t: inout ErrorRows) {
    t("torch.ones(2,3)[2]", .index) { ones(2, 3)[2] }
    t("torch.ones(2,3)[-3]", .index) { ones(2, 3)[-3] }
    t("torch.ones(2,3)[0,3]", .index) { ones(2, 3)[0, 3] }
    t("torch.ones(2,3)[0,0,0]", .index) { ones(2, 3)[0, 0, 0] }
    t("torch.ones(5)[::-1]", .value) { ones(5)[.slice(by: -1)] }
    t("torch.ones(5)[::0]", .value) { ones(5)[.slice(by: 0)] }
    t("torch.tensor(3.)[0]", .index) { Tensor(3.0)[0] }
    t("torch.ones(5)[torch.tensor([5])]", .index) { ones(5)[Tensor([5])] }
    t("torch.ones(5)[torch.tensor([-6])]", .index) { ones(5)[Tensor([-6])] }
    t("torch.ones(5)[torch.tensor([0.])]", .dtype) { ones(5)[Tensor([0.0])] }
    t("torch.ones(5)[torch.tensor([True,False])]", .index) { ones(5)[Tensor([true, false])] }
    t("torch.ones(5,4)[torch.tensor([[True,False]])]", .index) { ones(5, 4)[Tensor([[true, false]])] }
    t("torch.ones(5,4)[torch.tensor([0,1]), torch.tensor([0,1,2])]", .shape) {
      ones(5, 4)[Tensor([0, 1]), Tensor([0, 1, 2])]
    }
    t.accepts("torch.ones(2,3)[..., 0, ...]") { ones(2, 3)[.ellipsis, 0, .ellipsis] }
    t("torch.ones(5).__setitem__(slice(0,2), torch.ones(3))", .shape) { ones(5)[0..<2] = ones(3) }
    t("torch.ones(5).__setitem__(7, 1.)", .index) { ones(5)[7] = 1.0 }
    t("torch.gather(torch.ones(2,3), 1, torch.tensor([[3]]))", .index) {
      ones(2, 3).gather(dim: 1, index: Tensor([[3]]))
    }
    t("torch.gather(torch.ones(2,3), 1, torch.tensor([0]))", .shape) { ones(2, 3).gather(dim: 1, index: Tensor([0])) }
    t("torch.gather(torch.ones(2,3), 1, torch.tensor([[0.]]))", .dtype) {
      ones(2, 3).gather(dim: 1, index: Tensor([[0.0]]))
    }
    t("torch.scatter(torch.zeros(3), 0, torch.tensor([3]), torch.ones(1))", .index) {
      Tensor.zeros(3).scatter(dim: 0, index: Tensor([3]), source: ones(1))
    }
    t("torch.scatter(torch.zeros(3), 0, torch.tensor([0]), torch.ones(1,dtype=torch.float64))", .dtype) {
      Tensor.zeros(3).scatter(dim: 0, index: Tensor([0]), source: ones(1).double())
    }
    t("torch.index_select(torch.ones(3), 0, torch.tensor([3]))", .index) {
      ones(3).indexSelect(dim: 0, index: Tensor([3]))
    }
    t("torch.index_select(torch.ones(3), 0, torch.tensor([[0]]))", .shape) {
      ones(3).indexSelect(dim: 0, index: Tensor([[0]]))
    }
    t("torch.take(torch.ones(3), torch.tensor([4]))", .index) { ones(3).take(Tensor([4])) }
    t("torch.masked_select(torch.ones(3), torch.tensor([1,0,1]))", .dtype) { ones(3).maskedSelect(Tensor([1, 0, 1])) }
    t("torch.ones(3).masked_fill(torch.tensor([1,0,1]), 0.)", .dtype) { ones(3).maskedFill(Tensor([1, 0, 1]), 0.0) }
    t("torch.where(torch.tensor([1,0]), torch.ones(2), torch.zeros(2))", .dtype) {
      ones(2).where(Tensor([1, 0]), Tensor.zeros(2))
    }
  }
}
