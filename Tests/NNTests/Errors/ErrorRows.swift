import NN

/// PyTorch's snippets of `errors.json` in Swift.
struct ErrorRows {
  /// A snippet: its error, nil where it has none, and its Swift.
  struct Row: Sendable {
    let kind: TensorError.Kind?
    /// Whether only the CPU refuses it, which reads what is computed.
    var isForCPU = false
    let body: @Sendable () throws -> Void
  }
  private(set) var rows: [String: Row] = [:]

  static let all: [String: Row] = {
    var rows = ErrorRows()
    for add in [
      products, reductions, arithmetic, shapes, indexing, layers, losses, creation, gradients, linearAlgebra,
    ] { add(&rows) }
    return rows.rows
  }()

  /// The snippets that have no row, by the reason.
  static let untranslated: [String: [String]] = [
    "the compiler refuses it": [
      "torch.ones(5)['a']",
      "torch.ones(5)[1.0]",
      "torch.tensor(['a'])",
      "torch.tensor(None)",
      "torch.ones(2,3) > 'a'",
      "torch.ones(2) + None",
      "torch.ones(2) + 'a'",
      "torch.zeros(2, dtype='float32')",
      "torch.zeros(2, dtype=torch.float33)",
      "x = torch.ones(2, requires_grad=True); x.grad = 1.0",
      "torch.Size([1,2]).foo",
      "nn.Linear(2,2).foo",
      "nn.Module().register_parameter('a.b', None)",
      "nn.Module().register_parameter('', None)",
      "nn.Module().register_parameter('a', torch.ones(1))",
      "nn.Module().register_buffer('a', 5)",
      "nn.Linear(2,2).register_parameter('forward', None)",
      "m = nn.Linear(2,2); m.weight = torch.ones(2,2)",
      "m = nn.Linear(2,2); m.register_parameter('q', m.weight*2)",
      "nn.Module()(1)",
      "nn.Module().add_module('x', 5)",
      "torch.optim.SGD(torch.nn.Parameter(torch.ones(2)), lr=0.1)",
      "torch.optim.lr_scheduler.StepLR(5, 1)",
      "nn.init.calculate_gain('foo')",
    ],
    "nothing corresponds to it": [
      "len(torch.tensor(1.))",
      "list(torch.tensor(1.))",
      "torch.tensor([1.], dtype=torch.complex64) > torch.tensor([1.], dtype=torch.complex64)",
      "torch.ones(2) + torch.ones(2, device='meta')",
      "x = torch.ones(2, requires_grad=True); x.numpy()",
      "x = torch.ones(2, requires_grad=True); import copy; copy.deepcopy(x*2)",
      "with torch.inference_mode(): z = torch.ones(2)",
      "z.requires_grad_()",
      "x = torch.ones(2, requires_grad=True); (x*z).sum().backward()",
      "z.add_(1)",
      "torch.promote_types(torch.float32, torch.float8_e4m3fn)",
      "nn.LSTM(3,4)(torch.ones(5,2,2))",
    ],
    "it needs a machine without a GPU": [
      "torch.zeros(2, device='cuda')",
      "torch.ones(2).cuda()",
      "torch.ones(2).to('cuda:0')",
    ],
    "the parts are views like others here, whose gradients flow": [
      "x = torch.ones(3, requires_grad=True); a, b, c = (x*1).unbind(); a.add_(1)",
      "x = torch.ones(4, requires_grad=True); a, b = (x*1).split(2); a.add_(1)",
      "x = torch.ones(4, requires_grad=True); a, b = (x*1).chunk(2); a.mul_(2)",
    ],
    "Swift's own rule of arrays": [
      "nn.Sequential(nn.Linear(2,2))[3]"
    ],
  ]

  static func ones(_ shape: Int...) -> Tensor { Tensor.ones(shape) }
  static func leaf(_ tensor: Tensor) -> Tensor { tensor.requiresGrad() }

  mutating func callAsFunction<Result>(
    _ snippet: String, _ kind: TensorError.Kind, onCPU: Bool = false, _ body: @escaping @Sendable () throws -> Result
  ) { rows[snippet] = Row(kind: kind, isForCPU: onCPU) { _ = try body() } }

  mutating func accepts<Result>(_ snippet: String, _ body: @escaping @Sendable () throws -> Result) {
    rows[snippet] = Row(kind: nil) { _ = try body() }
  }
}
