import 'dart:async';
import 'dart:math';

import 'package:flutter/foundation.dart';
import 'package:socket_io_client/socket_io_client.dart' as sio;

import 'question.dart';
import 'server_clock.dart';

/// A refusal of the server: `code` is one of the wire's error codes.
class QuizbellException implements Exception {
  const QuizbellException(this.code, this.message, {this.retryable = false});

  final String code;
  final String message;
  final bool retryable;

  @override
  String toString() => '$code: $message';
}

/// What the server said of an answer: `accepted`, `late`, `duplicate`, `paused`, `not_open`...
class Verdict {
  const Verdict(this.name, {this.elapsedMs, this.lateByMs});

  final String name;
  final int? elapsedMs;
  final int? lateByMs;
}

/// A player's place in a room. It joins again by its token after each drop, adopts a state only if it is not older than the
/// one it has, and draws the countdown from the deadline, without ticks.
class QuizRoom extends ChangeNotifier {
  QuizRoom({required this.url, required this.pin, this.name}) {
    // Transports: the server speaks websocket only. A new connection: the library would hand out a cached one.
    _socket = sio.io(
      '$url/quiz',
      sio.OptionBuilder()
          .setTransports(['websocket'])
          .setQuery({'pin': pin})
          .enableForceNew()
          .disableAutoConnect()
          .build(),
    );
    _listen();
    _socket.connect();
  }

  static const _ackTimeout = Duration(seconds: 5);
  static const _burst = 8;
  static const _resyncEvery = Duration(minutes: 1);

  final String url;
  final String pin;
  final String? name;
  final ServerClock clock = ServerClock();
  final Random _random = Random.secure();

  late final sio.Socket _socket;
  String? _token;
  Timer? _missing;
  Timer? _resync;

  Question? question;
  Verdict? verdict;
  bool isJoined = false;

  /// Why it is over for this player, if it is.
  String? ended;

  /// What is left of the question now, in milliseconds; null while there is none.
  double? get remainingMs {
    final now = clock.now;
    return now == null ? null : question?.remainingAt(now);
  }

  /// Answers the current question. The same `answerId` is sent again until there is a verdict, so it counts once.
  Future<Verdict> answer(Object choice) async {
    final current = question;
    final payload = {
      'questionId': current?.questionId ?? 'none',
      if (current?.runId != null) 'runId': current!.runId,
      'choice': choice,
      'answerId': _newId(),
    };
    final ack = await _untilAnswered('answer:submit', payload);
    final judged = Verdict(
      ack['verdict'] as String,
      elapsedMs: ack['elapsedMs'] as int?,
      lateByMs: ack['lateByMs'] as int?,
    );
    if (question?.runId == current?.runId) verdict = judged;
    notifyListeners();
    return judged;
  }

  /// To be called when the app comes back to the foreground: timers and stopwatches may have stood still.
  Future<void> onResumed() async {
    clock.doubt();
    if (!_socket.connected) {
      _socket.connect();
      return;
    }
    await _join();
    await _measure();
  }

  @override
  void dispose() {
    _missing?.cancel();
    _resync?.cancel();
    _socket.dispose();
    super.dispose();
  }

  void _listen() {
    _socket.onConnect((_) async {
      await _join();
      await _measure();
    });
    _socket.onDisconnect((_) {
      isJoined = false;
      notifyListeners();
      // The library comes back by itself after a lost connection, but not when the server ended it.
      if (ended == null) {
        Timer(const Duration(seconds: 1), _connectAgain);
      }
    });
    // A refused connection (a full gateway, too many connections): the library gives up, so this does not.
    _socket.onConnectError((_) {
      if (ended == null) Timer(const Duration(seconds: 2), _connectAgain);
    });
    for (final event in const [
      'question:started',
      'question:opened',
      'question:paused',
      'question:resumed',
      'question:extended',
      'question:closed',
    ]) {
      _socket.on(event, (data) => _adopt(_map(data)));
    }
    _socket.on('room:state', (data) => _adopt(_map(_map(data)['snapshot'])));
    _socket.on('room:closed', (_) => _end('room-closed'));
    _socket.on(
      'member:removed',
      (data) => _end(_map(data)['reason'] as String),
    );
  }

  void _connectAgain() {
    if (ended == null && !_socket.connected) _socket.connect();
  }

  Future<void> _join() async {
    final token = _token;
    final sentAt = clock.monotonicMs;
    try {
      final ack = await _call('room:join', {
        if (token != null) 'token': token else 'pin': pin,
        if (token == null && name != null) 'name': name,
        'ticks': false,
      });
      final snapshot = _map(ack['snapshot']);
      clock.add(
        ClockSample(sentAt, snapshot['serverNow'] as int, clock.monotonicMs),
      );
      _token = ack['token'] as String;
      isJoined = true;
      _adopt(snapshot);
      final own = ack['answer'];
      if (own != null) {
        verdict = Verdict(
          _map(own)['verdict'] as String,
          elapsedMs: _map(own)['elapsedMs'] as int?,
        );
      }
      notifyListeners();
    } on QuizbellException catch (refusal) {
      if (refusal.retryable) {
        Timer(const Duration(seconds: 1), () {
          if (_socket.connected && ended == null) _join();
        });
      } else {
        _end(refusal.code);
      }
    }
  }

  /// A few comparisons of clocks at once, and one a minute from then on.
  Future<void> _measure() async {
    _resync?.cancel();
    _resync = Timer(_resyncEvery, _measure);
    for (var i = 0; i < _burst && _socket.connected; i += 1) {
      final sentAt = clock.monotonicMs;
      try {
        final ack = await _call('clock:sync', {'sentAt': sentAt.round()});
        clock.add(
          ClockSample(sentAt, ack['serverNow'] as int, clock.monotonicMs),
        );
        final version = ack['version'] as int?;
        // Something has happened that was not heard of.
        if (version != null && version > (question?.version ?? 0)) {
          await _join();
        }
      } on QuizbellException {
        return;
      }
    }
  }

  void _adopt(Map<String, dynamic> snapshot) {
    final before = question;
    if (before != null && (snapshot['version'] as int) < before.version) return;
    final next = Question.of(snapshot, before: before);
    if (next.runId != before?.runId) verdict = null;
    question = next;
    _expectClosing(next);
    notifyListeners();
  }

  /// Delivery is at most once: who has not heard of the closing 1-2 s after the deadline asks.
  void _expectClosing(Question current) {
    _missing?.cancel();
    final now = clock.now;
    final end = current.endsAt;
    final isRunning = current.phase == 'open' || current.phase == 'lead-in';
    if (!isRunning || now == null || end == null) return;
    final waitMs = max(0, end - now) + 1000 + _random.nextInt(1000);
    _missing = Timer(Duration(milliseconds: waitMs.round()), () {
      if (_socket.connected) _join();
    });
  }

  void _end(String reason) {
    ended = reason;
    isJoined = false;
    _missing?.cancel();
    _resync?.cancel();
    _socket.disconnect();
    notifyListeners();
  }

  Future<Map<String, dynamic>> _untilAnswered(
    String event,
    Map<String, dynamic> payload,
  ) async {
    while (true) {
      try {
        return await _call(event, payload);
      } on QuizbellException catch (refusal) {
        if (!refusal.retryable || ended != null) rethrow;
        await Future<void>.delayed(const Duration(milliseconds: 500));
      }
    }
  }

  /// One command and its acknowledgement. Never while offline: the library would send it whenever it is back.
  Future<Map<String, dynamic>> _call(
    String event,
    Map<String, dynamic> payload,
  ) async {
    if (!_socket.connected) {
      throw const QuizbellException(
        'unavailable',
        'Not connected.',
        retryable: true,
      );
    }
    final answered = Completer<Map<String, dynamic>>();
    _socket.emitWithAck(
      event,
      payload,
      ack: (Object? answer) {
        if (!answered.isCompleted) answered.complete(_map(answer));
      },
    );
    final ack = await answered.future.timeout(
      _ackTimeout,
      onTimeout: () => throw const QuizbellException(
        'unavailable',
        'No answer in time.',
        retryable: true,
      ),
    );
    if (ack['ok'] == true) return ack;
    final error = _map(ack['error']);
    throw QuizbellException(
      error['code'] as String,
      error['message'] as String,
      retryable: error['retryable'] == true,
    );
  }

  Map<String, dynamic> _map(Object? value) =>
      value is Map ? Map<String, dynamic>.from(value) : const {};

  String _newId() =>
      List.generate(20, (_) => _random.nextInt(36).toRadixString(36)).join();
}
