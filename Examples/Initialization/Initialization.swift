// Ways to make a tensor. The random numbers are PyTorch's of the same seed.
import NN

@main
enum Initialization {
  static func main() {
    manualSeed(0)
    print("rand:\n\(Tensor.rand(3, 3))")
    print("randn:\n\(Tensor.randn(3, 3))")
    print("randn, float64:\n\(Tensor.randn([2, 3], dtype: .float64))")
    print("randint:\n\(Tensor.randint(0, 10, [2, 5]))")
    print("randperm:\n\(Tensor.randperm(10))")
    print("zeros:\n\(Tensor.zeros(3, 3))")
    print("ones:\n\(Tensor.ones([2, 2], dtype: .int64))")
    print("full:\n\(Tensor.full([3, 3], 7))")
    print("eye:\n\(Tensor.eye(3))")
    print("arange:\n\(Tensor.arange(0, 10, 2))")
    print("linspace:\n\(Tensor.linspace(0, 1, steps: 5))")
    let empty = Tensor.empty(3, 3)
    print("empty, then filled:\n\(empty.fill(0.5))")
    print("from values:\n\(Tensor([[1.5, 2], [3, 4]]))")
    print("like another:\n\(Tensor.zerosLike(Tensor([[1, 2, 3]])))")

    manualSeed(0)
    print("the same seed, the same numbers:\n\(Tensor.rand(3, 3))")
  }
}
