import NN
import TestSupport
import Testing

@Suite(.everyDevice)
struct LossModuleTests {
  @Test func modulesAreTheirFunctions() {
    let (x, y) = (Tensor.rand(4, 3), Tensor.rand(4, 3))
    let signs = (Tensor.rand(4, 3) - 0.5).sign()
    let classes = Tensor([0, 2, 1, 2])
    for reduction in [Reduction.none, .mean, .sum] {
      let pairs: [(any Loss, Tensor, Tensor)] = [
        (BCELoss(reduction: reduction), y, binaryCrossEntropy(x, y, reduction: reduction)),
        (SmoothL1Loss(beta: 0.3, reduction: reduction), y, smoothL1Loss(x, y, reduction: reduction, beta: 0.3)),
        (HuberLoss(delta: 0.3, reduction: reduction), y, huberLoss(x, y, reduction: reduction, delta: 0.3)),
        (PoissonNLLLoss(full: true, reduction: reduction), y, poissonNLLLoss(x, y, full: true, reduction: reduction)),
        (SoftMarginLoss(reduction: reduction), signs, softMarginLoss(x, signs, reduction: reduction)),
        (HingeEmbeddingLoss(reduction: reduction), signs, hingeEmbeddingLoss(x, signs, reduction: reduction)),
        (MultiMarginLoss(p: 2, reduction: reduction), classes, multiMarginLoss(x, classes, p: 2, reduction: reduction)),
        (MultiLabelSoftMarginLoss(reduction: reduction), y, multilabelSoftMarginLoss(x, y, reduction: reduction)),
      ]
      for (loss, target, expected) in pairs { #expect(loss(x, target).doubles == expected.doubles, "\(loss)") }
      let targets = signs.select(dim: 1, index: 0)
      #expect(
        MarginRankingLoss(margin: 0.1, reduction: reduction)(x, y, signs).doubles
          == marginRankingLoss(x, y, signs, margin: 0.1, reduction: reduction).doubles)
      #expect(
        CosineEmbeddingLoss(reduction: reduction)(x, y, targets).doubles
          == cosineEmbeddingLoss(x, y, targets, reduction: reduction).doubles)
      #expect(
        TripletMarginLoss(swap: true, reduction: reduction)(x, y, signs).doubles
          == tripletMarginLoss(x, y, signs, swap: true, reduction: reduction).doubles)
      #expect(
        GaussianNLLLoss(reduction: reduction)(x, y, y).doubles
          == gaussianNLLLoss(x, y, variance: y, reduction: reduction).doubles)
    }
    #expect(KLDivLoss(reduction: .batchMean)(x, y).doubles == klDiv(x, y, reduction: .batchMean).doubles)
    #expect(CosineSimilarity()(x, y).doubles == cosineSimilarity(x, y).doubles)
    #expect(PairwiseDistance(keepDim: true)(x, y).shape == [4, 1])
  }

  // Reference values: F.triplet_margin_with_distance_loss.
  @Test func tripletsOfAnyDistance() {
    let (a, b, c) = (Tensor([[1.0, 2], [3, 4]]), Tensor([[1, 2.5], [3, 3]]), Tensor([[0.0, 2], [3, 5]]))
    let loss = TripletMarginWithDistanceLoss(distance: { ($0 - $1).abs().sum(dim: -1) }, reduction: .none)
    expectEqual(loss(a, b, c), [0.5, 1])
    expectClose(TripletMarginWithDistanceLoss()(a, b, c), [0.75], rtol: 1e-5)
    expectError(.value, "tripletMarginLoss", "margin") { tripletMarginLoss(a, b, c, margin: 0) }
  }

  @Test func bilinearForms() {
    let layer = Bilinear(2, 3, 4)
    let (a, b) = (Tensor.rand(5, 2), Tensor.rand(5, 3))
    let found = layer(a, b)
    #expect(found.shape == [5, 4])
    let (w, bias, x, y) = (layer.weight.doubles, layer.bias!.doubles, a.doubles, b.doubles)
    var expected: [Double] = []
    for n in 0..<5 {
      for o in 0..<4 {
        var sum = bias[o]
        for i in 0..<2 { for j in 0..<3 { sum += x[2 * n + i] * w[6 * o + 3 * i + j] * y[3 * n + j] } }
        expected.append(sum)
      }
    }
    expectClose(found, expected, rtol: 1e-5, atol: 1e-6)
    #expect(layer(Tensor.rand(2), Tensor.rand(3)).shape == [4])
    expectError(.shape, "bilinear", "[5, 2]", "[5, 2]") { layer(a, a) }
  }

  @Test func bagsOfEmbeddings() {
    let weight = Tensor([[1.0, 2], [3, 4], [5, 7], [-1, -2]])
    let index = Tensor([0, 2, 1, 1, 3])
    let offsets = Tensor([0, 2, 2])
    expectEqual(embeddingBag(index, weight, offsets: offsets, mode: .sum), [6, 9, 0, 0, 5, 6], shape: [3, 2])
    expectClose(embeddingBag(index, weight, offsets: offsets), [3, 4.5, 0, 0, 5.0 / 3, 2], rtol: 1e-6)
    expectEqual(embeddingBag(index, weight, offsets: offsets, mode: .max), [5, 7, 0, 0, 3, 4])
    expectEqual(
      embeddingBag(index, weight, offsets: Tensor([0, 2, 5]), mode: .sum, includeLastOffset: true), [6, 9, 5, 6])
    expectEqual(embeddingBag(index, weight, offsets: offsets, mode: .max, paddingIndex: 2), [1, 2, 0, 0, 3, 4])
    expectEqual(embeddingBag(Tensor([[0, 1], [2, 2]]), weight, paddingIndex: -2), [2, 3, 0, 0])
    expectEqual(
      embeddingBag(index, weight, offsets: offsets, mode: .sum, perSampleWeights: Tensor([1.0, 2, 0, 1, 1])),
      [11, 16, 0, 0, 2, 2])
    expectError(.value, "embeddingBag", "sums") {
      embeddingBag(index, weight, offsets: offsets, perSampleWeights: Tensor.ones(5))
    }
    expectError(.shape, "embeddingBag", "no offsets") { embeddingBag(index, weight) }
    let table = Tensor([[3.0, 4], [0.3, 0.4]])
    _ = embeddingBag(Tensor([[0]]), table, maxNorm: 1)
    expectClose(table, [0.6, 0.8, 0.3, 0.4], rtol: 1e-6)
  }

  // Reference values: F.ctc_loss and its gradient.
  @Test func alignments() {
    let values = (0..<60).map { Double(($0 * 7) % 11) / 3 - 1.5 }
    let x = Tensor(values, dtype: .float64).reshape(5, 3, 4).requiresGrad()
    let logs = x.logSoftmax(dim: 2)
    let targets = Tensor([[1, 1, 0], [2, 3, 1], [3, 0, 0]])
    let (inputs, lengths) = ([5, 4, 3], [2, 3, 1])
    let losses = [5.163876373693477, 5.128796230157185, 3.690576374275414]
    func loss(_ inputs: [Int], _ lengths: [Int], zeroInfinity: Bool = false) -> Tensor {
      ctcLoss(
        logs, targets, inputLengths: inputs, targetLengths: lengths, reduction: .none, zeroInfinity: zeroInfinity)
    }
    expectClose(loss(inputs, lengths), losses, rtol: 1e-12)
    expectClose(loss([2, 4, 3], lengths), [.infinity] + losses.dropFirst(), rtol: 1e-12)
    expectClose(loss([2, 4, 3], lengths, zeroInfinity: true), [0] + losses.dropFirst(), rtol: 1e-12)
    expectClose(loss([0, 4, 0], [0, 3, 1]), [0, losses[1], .infinity], rtol: 1e-12)
    let joined = Tensor([1, 1, 2, 3, 1, 3])
    let sum = CTCLoss(reduction: .sum)(logs, joined, inputLengths: inputs, targetLengths: lengths)
    expectClose(sum, [13.983248978126076], rtol: 1e-12)
    let blanks = ctcLoss(
      logs, Tensor([[1, 1, 0], [2, 0, 1], [2, 0, 0]]), inputLengths: Tensor(inputs), targetLengths: Tensor(lengths),
      blank: 3, reduction: .none)
    expectClose(blanks, [5.428302561686192, 4.912519493402764, 3.6719381891761262], rtol: 1e-12)
    let single = ctcLoss(
      logs.select(dim: 1, index: 0), Tensor([1, 1]), inputLengths: [5], targetLengths: [2], reduction: .none)
    expectClose(single, [losses[0]], rtol: 1e-12)
    let mean = ctcLoss(logs, targets, inputLengths: inputs, targetLengths: lengths)
    expectClose(mean, [2.66070443483596], rtol: 1e-12)
    mean.backward()
    // PyTorch's gradient of log-probabilities is that of the logits before `logSoftmax`.
    let leaf = logs.detach().requiresGrad()
    ctcLoss(leaf, targets, inputLengths: inputs, targetLengths: lengths).backward()
    expectClose(leaf.grad!, x.grad!.array(as: Double.self), rtol: 1e-12, atol: 1e-14)
    expectClose(
      x.grad!.narrow(dim: 0, start: 0, length: 1),
      [
        0.00023273349557727878, -0.12207582993391147, 0.010770890395057228, 0.11107220604327696, 0.00921566660555883,
        0.0062337193165519925, -0.03239439186400825, 0.016945005941897424, -0.16045823055781214, 0.233091666214916,
        0.061442296132878105, -0.13407573178998194,
      ], rtol: 1e-11)
    expectError(.value, "ctcLoss", "6") { loss([6, 4, 3], lengths) }
    expectError(.shape, "ctcLoss", "[3, 3]") { loss(inputs, [4, 3, 1]) }
  }
}
