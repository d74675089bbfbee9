import 'dart:math';

/// One comparison of clocks, in milliseconds: this device's stopwatch before sending and after receiving, and the
/// server's instant in between.
class ClockSample {
  const ClockSample(this.sentAt, this.serverNow, this.receivedAt);

  final double sentAt;
  final int serverNow;
  final double receivedAt;
}

/// The server's clock as seen from here, on a [Stopwatch]: nobody can set it, unlike the device's time of day.
///
/// The server's instant lies between sending and receiving. So each sample bounds the offset from both sides, and all of
/// them together by what their ranges have in common, which beats the sample with the least round trip.
class ServerClock {
  ServerClock() {
    _stopwatch.start();
  }

  /// Clocks drift apart, so what is known of the offset gets weaker with time: 0.1 ms a second.
  static const _driftPerMs = 1e-4;

  final Stopwatch _stopwatch = Stopwatch();
  double _low = double.negativeInfinity;
  double _high = double.infinity;
  double _knownAt = 0;
  bool _isDoubted = true;

  /// This device's monotonic milliseconds; their zero means nothing.
  double get monotonicMs => _stopwatch.elapsedMicroseconds / 1000;

  bool get isKnown => _low.isFinite && _high.isFinite;

  /// How far [now] may be from the truth, either way, in milliseconds.
  double get errorMs => (_high - _low) / 2;

  /// The server's instant, epoch milliseconds; null before the first sample.
  double? get now => isKnown ? monotonicMs + (_low + _high) / 2 : null;

  void add(ClockSample sample) {
    final drift = (sample.receivedAt - _knownAt) * _driftPerMs;
    // The server tells whole milliseconds, rounded down.
    final low = sample.serverNow - sample.receivedAt;
    final high = sample.serverNow + 1 - sample.sentAt;
    _low = max(_low - drift, low);
    _high = min(_high + drift, high);
    _knownAt = sample.receivedAt;
    // Nothing of before is certain, or it contradicts the newest: another gateway answered. The newest one holds.
    if (_isDoubted || _low > _high) {
      _low = low;
      _high = high;
    }
    _isDoubted = false;
  }

  /// After a sleep, in which a stopwatch may stand still. What was known serves until the next sample replaces it.
  void doubt() => _isDoubted = true;
}
