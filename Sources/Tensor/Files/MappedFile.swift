#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file's bytes in memory, read from disk as they are touched.
///
/// The mapping is private: a write changes a copy of the page in this process and never reaches the file. Shortening
/// the file while it is mapped ends the program when the lost part is read; replacing it by a rename does no harm.
final class MappedFile: Sendable {
  nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

  /// Maps a whole file.
  ///
  /// - Throws: A `TensorError` of kind `file` with the path and the system's reason.
  init(path: String, operation: String) throws(TensorError) {
    if path.utf8.contains(0) { throw TensorError(.file, operation, "the path \(quoted(path)) contains a NUL") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw systemError("open", path, operation) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw systemError("read", path, operation) }
    if status.st_mode & S_IFMT != S_IFREG {
      throw TensorError(.file, operation, "\(quoted(path)) is not a regular file")
    }
    let count = Int(status.st_size)
    if count == 0 {
      // An empty mapping is not allowed.
      bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
    else { throw systemError("map", path, operation) }
    bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(address, bytes.count) }
  }
}

/// The error of a system call on a file, with the reason that `errno` holds.
func systemError(_ verb: String, _ path: String, _ operation: String) -> TensorError {
  let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
  return TensorError(.file, operation, "cannot \(verb) \(quoted(path)): \(reason)")
}

/// A name from outside as it stands in messages: in quotes, control characters escaped, cut when it is long.
func quoted(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(200)
  var result = "\""
  for scalar in shown { result += scalar.jsonEscaped }
  return result + (shown.endIndex < text.unicodeScalars.endIndex ? "...\"" : "\"")
}
