/// A room's question as the server told it last. Instants are epoch milliseconds of the server's clock.
class Question {
  const Question._(
    this.version,
    this.phase,
    this.questionId,
    this.runId,
    this.opensAt,
    this.endsAt,
    this.remainingMs,
    this.content,
    this.reason,
  );

  factory Question.of(Map<String, dynamic> snapshot, {Question? before}) {
    final runId = snapshot['runId'] as int?;
    return Question._(
      snapshot['version'] as int,
      snapshot['phase'] as String,
      snapshot['questionId'] as String?,
      runId,
      snapshot['opensAt'] as int?,
      snapshot['endsAt'] as int?,
      snapshot['remainingMs'] as int?,
      // Ticks leave it out: it stays that of the run.
      snapshot['content'] ?? (before?.runId == runId ? before?.content : null),
      snapshot['reason'] as String?,
    );
  }

  final int version;

  /// `idle`, `lead-in`, `open`, `paused` or `closed`.
  final String phase;
  final String? questionId;
  final int? runId;
  final int? opensAt;
  final int? endsAt;
  final int? remainingMs;

  /// What the host gave, any JSON; the bundled pages use `{ text, choices: [{ id, text }] }`.
  final Object? content;

  /// Why it closed: `expired`, `stopped`, `room-closed`.
  final String? reason;

  /// What is left at that instant of the server's clock, in milliseconds; null while idle.
  double? remainingAt(double serverNow) {
    final end = endsAt;
    if (phase != 'open' || end == null) return remainingMs?.toDouble();
    final left = end - serverNow;
    return left < 0 ? 0 : left;
  }
}
