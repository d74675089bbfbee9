import 'package:flutter/material.dart';
import 'package:flutter/scheduler.dart';

import 'quizbell/quiz_room.dart';

void main() => runApp(const QuizbellExample());

class QuizbellExample extends StatelessWidget {
  const QuizbellExample({super.key});

  @override
  Widget build(BuildContext context) => MaterialApp(
    title: 'Quizbell',
    theme: ThemeData(colorSchemeSeed: Colors.indigo),
    home: const JoinPage(),
  );
}

/// Where is the server, which room, and who is this?
class JoinPage extends StatefulWidget {
  const JoinPage({super.key});

  @override
  State<JoinPage> createState() => _JoinPageState();
}

class _JoinPageState extends State<JoinPage> {
  // 10.0.2.2 is the machine that an Android emulator runs on.
  final _url = TextEditingController(text: 'http://10.0.2.2:3000');
  final _pin = TextEditingController();
  final _name = TextEditingController();

  @override
  void dispose() {
    _url.dispose();
    _pin.dispose();
    _name.dispose();
    super.dispose();
  }

  void _join() {
    final name = _name.text.trim();
    final room = QuizRoom(
      url: _url.text.trim(),
      pin: _pin.text.trim(),
      name: name.isEmpty ? null : name,
    );
    Navigator.of(
      context,
    ).push(MaterialPageRoute<void>(builder: (_) => PlayPage(room: room)));
  }

  @override
  Widget build(BuildContext context) => Scaffold(
    appBar: AppBar(title: const Text('Join a quiz')),
    body: ListView(
      padding: const EdgeInsets.all(24),
      children: [
        TextField(
          controller: _url,
          decoration: const InputDecoration(labelText: 'Server'),
        ),
        TextField(
          controller: _pin,
          keyboardType: TextInputType.number,
          decoration: const InputDecoration(labelText: 'PIN'),
        ),
        TextField(
          controller: _name,
          decoration: const InputDecoration(labelText: 'Your name'),
        ),
        const SizedBox(height: 24),
        FilledButton(onPressed: _join, child: const Text('Join')),
      ],
    ),
  );
}

/// The question, what is left of it, and the verdict on the answer.
class PlayPage extends StatefulWidget {
  const PlayPage({super.key, required this.room});

  final QuizRoom room;

  @override
  State<PlayPage> createState() => _PlayPageState();
}

class _PlayPageState extends State<PlayPage>
    with SingleTickerProviderStateMixin, WidgetsBindingObserver {
  late final Ticker _frames;
  final _remainingMs = ValueNotifier<double?>(null);

  QuizRoom get _room => widget.room;

  @override
  void initState() {
    super.initState();
    WidgetsBinding.instance.addObserver(this);
    // Each frame asks what is left; nothing counts down by itself.
    _frames = createTicker((_) => _remainingMs.value = _room.remainingMs)
      ..start();
  }

  @override
  void didChangeAppLifecycleState(AppLifecycleState state) {
    if (state == AppLifecycleState.resumed) _room.onResumed();
  }

  @override
  void dispose() {
    WidgetsBinding.instance.removeObserver(this);
    _frames.dispose();
    _remainingMs.dispose();
    _room.dispose();
    super.dispose();
  }

  Future<void> _answer(Object choice) async {
    try {
      await _room.answer(choice);
    } on QuizbellException catch (refusal) {
      if (!mounted) return;
      ScaffoldMessenger.of(
        context,
      ).showSnackBar(SnackBar(content: Text(refusal.message)));
    }
  }

  @override
  Widget build(BuildContext context) => Scaffold(
    appBar: AppBar(title: Text('Room ${_room.pin}')),
    body: ListenableBuilder(
      listenable: _room,
      builder: (context, _) => Padding(
        padding: const EdgeInsets.all(24),
        child: Column(
          crossAxisAlignment: CrossAxisAlignment.stretch,
          children: [
            Text(_status),
            const SizedBox(height: 16),
            _countdown(context),
            ..._questionParts(context),
            const SizedBox(height: 16),
            Text(_verdictText),
          ],
        ),
      ),
    ),
  );

  Widget _countdown(BuildContext context) => ValueListenableBuilder<double?>(
    valueListenable: _remainingMs,
    builder: (context, left, _) => Text(
      left == null ? '-' : '${(left / 1000).ceil()}',
      textAlign: TextAlign.center,
      style: Theme.of(context).textTheme.displayLarge,
    ),
  );

  List<Widget> _questionParts(BuildContext context) {
    final content = _room.question?.content;
    if (content is! Map) return const [];
    final choices = content['choices'];
    return [
      Text(
        '${content['text'] ?? ''}',
        style: Theme.of(context).textTheme.titleLarge,
      ),
      if (choices is List)
        for (final choice in choices.whereType<Map<Object?, Object?>>())
          Padding(
            padding: const EdgeInsets.only(top: 12),
            child: FilledButton.tonal(
              onPressed: _room.question?.phase == 'open'
                  ? () => _answer('${choice['id']}')
                  : null,
              child: Text('${choice['text']}'),
            ),
          ),
    ];
  }

  String get _status {
    final ended = _room.ended;
    if (ended != null) return 'It is over: $ended';
    if (!_room.isJoined) return 'Connecting...';
    return switch (_room.question?.phase) {
      'lead-in' => 'Get ready',
      'open' => 'Answer now',
      'paused' => 'Paused',
      'closed' => 'Closed',
      _ => 'Waiting for the host',
    };
  }

  String get _verdictText {
    final verdict = _room.verdict;
    if (verdict == null) return '';
    final lateBy = verdict.lateByMs;
    return lateBy == null ? verdict.name : '${verdict.name} by $lateBy ms';
  }
}
