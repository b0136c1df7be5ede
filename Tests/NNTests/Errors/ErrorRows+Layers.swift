import NN

extension ErrorRows {
  static func layers(_ t: inout ErrorRows) {
    t("nn.Linear(10,2)(torch.ones(4,9))", .shape) { Linear(10, 2)(ones(4, 9)) }
    t("nn.Linear(3,2)(torch.ones(4,3,dtype=torch.int64))", .dtype) { Linear(3, 2)(ones(4, 3).long()) }
    t("F.conv2d(torch.ones(1,3,8,8), torch.ones(4,2,3,3))", .shape) { conv2d(ones(1, 3, 8, 8), ones(4, 2, 3, 3)) }
    t("F.conv2d(torch.ones(3,8), torch.ones(4,3,3,3))", .shape) { conv2d(ones(3, 8), ones(4, 3, 3, 3)) }
    t("F.conv2d(torch.ones(1,3,2,2), torch.ones(4,3,3,3))", .shape) { conv2d(ones(1, 3, 2, 2), ones(4, 3, 3, 3)) }
    t("nn.Conv2d(3,4,3)(torch.ones(1,2,8,8))", .shape) { Conv2d(3, 4, kernelSize: 3)(ones(1, 2, 8, 8)) }
    t("nn.Conv2d(3,4,3,groups=2)", .value) { Conv2d(3, 4, kernelSize: 3, groups: 2) }
    t("F.max_pool2d(torch.ones(1,1,1,1), 2)", .shape) { maxPool2d(ones(1, 1, 1, 1), kernelSize: 2) }
    t("nn.BatchNorm1d(3)(torch.ones(1,3))", .shape) { BatchNorm1d(3)(ones(1, 3)) }
    t("nn.BatchNorm2d(3)(torch.ones(2,3))", .shape) { BatchNorm2d(3)(ones(2, 3)) }
    t("nn.BatchNorm1d(3)(torch.ones(4,5))", .shape) { BatchNorm1d(3)(ones(4, 5)) }
    t("F.layer_norm(torch.ones(2,3), (4,))", .shape) { layerNorm(ones(2, 3), normalizedShape: [4]) }
    t("nn.GroupNorm(3,4)", .value) { GroupNorm(3, 4) }
    t("F.embedding(torch.tensor([5]), torch.ones(3,2))", .index) { embedding(Tensor([5]), ones(3, 2)) }
    t("F.embedding(torch.tensor([0.]), torch.ones(3,2))", .dtype) { embedding(Tensor([0.0]), ones(3, 2)) }
    t("F.dropout(torch.ones(2), p=1.5)", .value) { dropout(ones(2), p: 1.5) }
    t("nn.Dropout(-0.1)", .value) { Dropout(p: -0.1) }
    t("nn.MultiheadAttention(5, 2)", .value) { MultiheadAttention(5, 2) }
    t("nn.init.kaiming_uniform_(torch.ones(3))", .shape) { Init.kaimingUniform(ones(3)) }
    t("nn.init.eye_(torch.ones(3))", .shape) { Init.eye(ones(3)) }
    t("torch.amp.GradScaler('cpu', growth_factor=1.0)", .value) { GradScaler(growthFactor: 1) }
    t("torch.load('/nonexistent')", .file) { try Safetensors.load(from: "/nonexistent") }
    t.accepts("nn.utils.clip_grad_norm_([torch.nn.Parameter(torch.ones(2))], 1.0)") {
      clipGradNorm([leaf(ones(2))], maxNorm: 1)
    }
    t("nn.Linear(2,2).load_state_dict({'weight': torch.ones(2,2)})", .value) {
      try Linear(2, 2).load(["weight": ones(2, 2)])
    }
    t(
      "nn.Linear(2,2).load_state_dict({'weight': torch.ones(2,2), 'bias': torch.ones(2), 'x': torch.ones(1)})", .value
    ) { try Linear(2, 2).load(["weight": ones(2, 2), "bias": ones(2), "x": ones(1)]) }
    t("nn.Linear(2,2).load_state_dict({'weight': torch.ones(3,2), 'bias': torch.ones(2)})", .value) {
      try Linear(2, 2).load(["weight": ones(3, 2), "bias": ones(2)])
    }
    t(
      "nn.Sequential(nn.Linear(2,2), nn.Linear(2,3)).load_state_dict({'0.weight': torch.ones(2,2), '1.weight': torch.ones(2), 'z': torch.ones(1)})",
      .value
    ) { try Sequential(Linear(2, 2), Linear(2, 3)).load(["0.weight": ones(2, 2), "1.weight": ones(2), "z": ones(1)]) }
    t("torch.optim.SGD([], lr=0.1)", .value) { SGD([], lr: 0.1) }
    t("torch.optim.SGD([torch.ones(2, requires_grad=True)*2], lr=0.1)", .value) { SGD([leaf(ones(2)) * 2], lr: 0.1) }
    t("torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=-0.1)", .value) { SGD([leaf(ones(2))], lr: -0.1) }
    t("torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1, nesterov=True)", .value) {
      SGD([leaf(ones(2))], lr: 0.1, nesterov: true)
    }
    t("torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1, momentum=-1)", .value) {
      SGD([leaf(ones(2))], lr: 0.1, momentum: -1)
    }
    t("p = torch.nn.Parameter(torch.ones(2)); torch.optim.SGD([{'params':[p]}, {'params':[p]}], lr=0.1)", .value) {
      let p = leaf(ones(2))
      return SGD(groups: [ParameterGroup([p], SGD.Options(lr: 0.1)), ParameterGroup([p], SGD.Options(lr: 0.1))])
    }
    t("torch.optim.Adam([torch.nn.Parameter(torch.ones(2))], lr=0.1, betas=(1.0, 0.9))", .value) {
      Adam([leaf(ones(2))], lr: 0.1, betas: (1, 0.9))
    }
    t("torch.optim.Adam([torch.nn.Parameter(torch.ones(2))], lr=0.1, eps=-1)", .value) {
      Adam([leaf(ones(2))], lr: 0.1, eps: -1)
    }
  }

  static func losses(_ t: inout ErrorRows) {
    t("F.cross_entropy(torch.ones(2,3), torch.tensor([0,5]))", .index) { crossEntropy(ones(2, 3), Tensor([0, 5])) }
    t("F.cross_entropy(torch.ones(2,3), torch.tensor([0,1,2]))", .shape) {
      crossEntropy(ones(2, 3), Tensor([0, 1, 2]))
    }
    t("F.cross_entropy(torch.ones(2,3), torch.tensor([0.,1.]))", .shape) { crossEntropy(ones(2, 3), Tensor([0.0, 1])) }
    t("F.nll_loss(torch.ones(2,3), torch.tensor([0,-1]))", .index) { nllLoss(ones(2, 3), Tensor([0, -1])) }
    t("F.nll_loss(torch.ones(2,3), torch.tensor([0,1],dtype=torch.int32))", .dtype) {
      nllLoss(ones(2, 3), Tensor([0, 1], dtype: .int32))
    }
    t("F.mse_loss(torch.ones(2,3), torch.ones(2,4))", .shape) { mseLoss(ones(2, 3), ones(2, 4)) }
    t("F.binary_cross_entropy(torch.tensor([1.5]), torch.tensor([1.]))", .value, onCPU: true) {
      binaryCrossEntropy(Tensor([1.5]), Tensor([1.0]))
    }
    t("F.binary_cross_entropy(torch.ones(2), torch.ones(3))", .shape) { binaryCrossEntropy(ones(2), ones(3)) }
    t("F.binary_cross_entropy(torch.tensor([.5]), torch.tensor([1]))", .dtype) {
      binaryCrossEntropy(Tensor([0.5]), Tensor([1]))
    }
  }

  static func creation(_ t: inout ErrorRows) {
    t("torch.arange(0, 5, 0)", .value) { Tensor.arange(0, 5, 0) }
    t("torch.arange(0, 5, -1)", .value) { Tensor.arange(0, 5, -1) }
    t("torch.linspace(0, 1, -1)", .shape) { Tensor.linspace(0, 1, steps: -1) }
    t("torch.eye(-1)", .shape) { Tensor.eye(-1) }
    t("torch.zeros(-1)", .shape) { Tensor.zeros(-1) }
    t("torch.full((2,-3), 1.)", .shape) { Tensor.full([2, -3], 1.0) }
    t("torch.tensor([[1,2],[3]])", .shape) { Tensor([[1, 2], [3]]) }
    t("torch.randint(5, 5, (2,))", .value) { Tensor.randint(5, 5, [2]) }
    t("torch.randint(300, (2,), dtype=torch.uint8)", .value) { Tensor.randint(300, [2], dtype: .uint8) }
    t("torch.rand(2, dtype=torch.int64)", .dtype) { Tensor.rand(2, dtype: .int64) }
    t("torch.randn(2, dtype=torch.int64)", .dtype) { Tensor.randn(2, dtype: .int64) }
    t("torch.empty(2).uniform_(1, 0)", .value) { Tensor.empty(2).uniform(from: 1, to: 0) }
    t("torch.empty(2).normal_(0, -1)", .value) { Tensor.empty(2).normal(mean: 0, std: -1) }
    t("torch.normal(0., -1., (2,))", .value) { Tensor.normal(mean: 0, std: -1, [2]) }
    t("torch.empty(2).bernoulli_(1.5)", .value) { Tensor.empty(2).bernoulli(1.5) }
    t("torch.bernoulli(torch.tensor([1.5]))", .value) { Tensor.bernoulli(Tensor([1.5])) }
    t("torch.empty(2).exponential_(-1)", .value) { Tensor.empty(2).exponential(rate: -1) }
    t("torch.multinomial(torch.tensor([-1.,2.]), 1)", .value) { Tensor([-1.0, 2]).multinomial(1) }
    t("torch.multinomial(torch.tensor([0.,0.]), 1)", .value) { Tensor([0.0, 0]).multinomial(1) }
    t("torch.multinomial(torch.tensor([1.,2.]), 3)", .value) { Tensor([1.0, 2]).multinomial(3) }
    t("torch.randperm(-1)", .shape) { Tensor.randperm(-1) }
    t("torch.ones(2, requires_grad=True, dtype=torch.int64)", .dtype) {
      Tensor.ones(2, dtype: .int64, requiresGrad: true)
    }
    t("torch.tensor([1,2], requires_grad=True)", .dtype) { Tensor([1, 2], requiresGrad: true) }
    t("torch.set_default_dtype(torch.int64)", .dtype) { withDefaultDType(.int64) { Tensor.zeros(2) } }
  }

  static func gradients(_ t: inout ErrorRows) {
    t("torch.tensor([1,2]).requires_grad_()", .autograd) { leaf(Tensor([1, 2])) }
    t("nn.Parameter(torch.tensor([1,2]))", .autograd) { Tensor([1, 2]).requiresGrad() }
    t("torch.ones(2).backward()", .autograd) { ones(2).backward() }
    t("torch.ones(2, requires_grad=True).backward()", .autograd) { leaf(ones(2)).backward() }
    t("(torch.ones(2, requires_grad=True)*2).backward()", .autograd) { (leaf(ones(2)) * 2).backward() }
    t("(torch.ones(2, requires_grad=True)*2).backward(torch.ones(3))", .shape) {
      (leaf(ones(2)) * 2).backward(gradient: ones(3))
    }
    t.accepts("(torch.ones(2, requires_grad=True)*2).backward(torch.ones(2, dtype=torch.float64))") {
      (leaf(ones(2)) * 2).backward(gradient: ones(2).double())
    }
    t.accepts("(torch.ones(2, requires_grad=True)*2).backward(torch.ones(2, dtype=torch.int64))") {
      (leaf(ones(2)) * 2).backward(gradient: ones(2).long())
    }
    t("x = torch.ones(2, requires_grad=True); y = (x*x).sum(); y.backward(); y.backward()", .autograd) {
      let x = leaf(ones(2))
      let y = (x * x).sum()
      y.backward()
      y.backward()
    }
    t("x = torch.ones(2, requires_grad=True); y = x.exp().sum(); y.backward(); y.backward()", .autograd) {
      let x = leaf(ones(2))
      let y = x.exp().sum()
      y.backward()
      y.backward()
    }
    t.accepts("x = torch.ones(2, requires_grad=True); y = x.sum(); y.backward(); y.backward()") {
      let x = leaf(ones(2))
      let y = x.sum()
      y.backward()
      y.backward()
    }
    t("x = torch.ones(2, requires_grad=True); x.add_(1)", .autograd) { leaf(ones(2)) += 1 }
    t("x = torch.ones(2, requires_grad=True); x[0] = 5.", .autograd) { leaf(ones(2))[0] = 5.0 }
    t("x = torch.ones(2, requires_grad=True); x.zero_()", .autograd) { leaf(ones(2)).zero() }
    t("x = torch.ones(2, requires_grad=True); v = x[0:1]; v.mul_(2)", .autograd) { leaf(ones(2))[0..<1] *= 2 }
    t("x = torch.ones(2, requires_grad=True); y = x.exp(); y.add_(1); y.sum().backward()", .autograd) {
      let y = leaf(ones(2)).exp()
      y += 1
      y.sum().backward()
    }
    t("x = torch.ones(2, requires_grad=True); y = x*2; z = y*y; y.add_(1); z.sum().backward()", .autograd) {
      let y = leaf(ones(2)) * 2
      let z = y * y
      y += 1
      z.sum().backward()
    }
    t(
      "w = torch.ones(2,2, requires_grad=True); x = torch.ones(2,2); z = x @ w; x.add_(1); z.sum().backward()",
      .autograd
    ) {
      let x = ones(2, 2)
      let z = x.matmul(leaf(ones(2, 2)))
      x += 1
      z.sum().backward()
    }
    t("x = torch.ones(2, requires_grad=True); y = x.sigmoid(); y.mul_(2); y.sum().backward()", .autograd) {
      let y = leaf(ones(2)).sigmoid()
      y *= 2
      y.sum().backward()
    }
    t("x = torch.ones(2, requires_grad=True); y = x.relu(); y.mul_(2); y.sum().backward()", .autograd) {
      let y = leaf(ones(2)).relu()
      y *= 2
      y.sum().backward()
    }
    t("x = torch.ones(2,2, requires_grad=True); y = (x*1).expand(3,2,2); y.add_(1)", .value) {
      (leaf(ones(2, 2)) * 1).expand(3, 2, 2) += 1
    }
    t(
      "x = torch.ones(2, requires_grad=True); torch.autograd.grad(x.sum(), torch.ones(2, requires_grad=True))",
      .autograd
    ) { grad(outputs: [leaf(ones(2)).sum()], inputs: [leaf(ones(2))]) }
    t("x = torch.ones(2, requires_grad=True); torch.autograd.grad((x*2), x)", .autograd) {
      let x = leaf(ones(2))
      return grad(outputs: [x * 2], inputs: [x])
    }
    t("torch.autograd.grad(torch.ones(1), torch.ones(1))", .autograd) { grad(outputs: [ones(1)], inputs: [ones(1)]) }
    t("x = torch.ones(2); x.retain_grad()", .autograd) { ones(2).retainGrad() }
    t("x = torch.ones(2, requires_grad=True); y = x*2; y.requires_grad_(False)", .autograd) {
      (leaf(ones(2)) * 2).requiresGrad(false)
    }
    t("x = torch.ones(2); x.register_hook(lambda g: g)", .autograd) { ones(2).registerHook { $0 } }
    t("x = torch.ones(2, requires_grad=True); x.grad = torch.ones(3)", .shape) { leaf(ones(2)).grad = ones(3) }
    t("x = torch.ones(2, requires_grad=True); x.grad = torch.ones(2, dtype=torch.float64)", .dtype) {
      leaf(ones(2)).grad = ones(2).double()
    }
    t.accepts("with torch.no_grad(): y = torch.ones(2, requires_grad=True)*2") { noGrad { leaf(ones(2)) * 2 } }
    t("y.backward(torch.ones(2))", .autograd) { noGrad { leaf(ones(2)) * 2 }.backward(gradient: ones(2)) }
  }

  static func linearAlgebra(_ t: inout ErrorRows) {
    t("torch.ones(2,2).inverse() @ torch.linalg.inv(torch.zeros(2,2))", .value, onCPU: true) {
      Linalg.inv(Tensor.zeros(2, 2))
    }
    t("torch.linalg.cholesky(torch.tensor([[1.,2.],[2.,1.]]))", .value, onCPU: true) {
      Linalg.cholesky(Tensor([[1.0, 2], [2, 1]]))
    }
    t("torch.linalg.inv(torch.ones(2,3))", .shape, onCPU: true) { Linalg.inv(ones(2, 3)) }
    t("torch.linalg.qr(torch.ones(3))", .shape, onCPU: true) { Linalg.qr(ones(3)) }
  }
}
