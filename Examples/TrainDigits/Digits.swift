import CDigits
import NN

/// Images and the digits they show.
struct Digits {
  /// Pixels from 0 to 1, with a margin of one pixel of background: [count, 10, 10].
  let images: Tensor
  /// The digits: int64 [count].
  let labels: Tensor

  var count: Int { images.shape[0] }

  /// All 1,797 digits.
  static func all() -> Digits {
    let bytes = UnsafeRawBufferPointer(start: digits_data(), count: Int(digits_count * (digits_pixels + 1)))
    let rows = Tensor(bytes: bytes, shape: [Int(digits_count), Int(digits_pixels) + 1], dtype: .uint8)
    let images = Tensor.zeros(rows.shape[0], 10, 10)
    images[0..., 1..<9, 1..<9].copy(from: rows[0..., 0..<64].reshape(-1, 8, 8).float() / 16)
    return Digits(images: images, labels: rows[0..., 64].long())
  }

  /// The images at these positions.
  subscript(positions: Tensor) -> Digits { Digits(images: images[positions], labels: labels[positions]) }

  func to(_ device: Device) -> Digits { Digits(images: images.to(device), labels: labels.to(device)) }

  /// The images without their margin, as rows of 64 pixels.
  var rows: Tensor { rows(right: 0, down: 0) }

  private func rows(right: Int, down: Int) -> Tensor {
    images[0..., (1 - down)..<(9 - down), (1 - right)..<(9 - right)].reshape(-1, 64)
  }

  /// Rows of 64 pixels and their digits, each image five times: as it is, and moved by a pixel to each side.
  ///
  /// A moved digit is the same digit: the network learns that from the copies.
  func moved() -> (rows: Tensor, labels: Tensor) {
    let steps = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    return (cat(steps.map { rows(right: $0.0, down: $0.1) }), cat(steps.map { _ in labels }))
  }
}
