using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.StateMachine;

/// <summary>
/// The table of sessions beside a simple model that remembers everything for ever: each sequence is applied once, every copy has the first result, and sessions
/// live exactly as long as they should. Snapshots are taken and restored at any point of it.
/// </summary>
public sealed class SessionTableProperties
{
    static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    enum Kind
    {
        Open,
        Command,
        Keep,
        Close,
        Copy,
        Restore,
    }

    readonly record struct Step(Kind Kind, int Session, int Sequence, int Lowest, int Seconds, int Bytes);

    static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency((2, Gen.Const(Kind.Open)), (20, Gen.Const(Kind.Command)), (1, Gen.Const(Kind.Keep)), (1, Gen.Const(Kind.Close)), (1, Gen.Const(Kind.Copy)),
            (1, Gen.Const(Kind.Restore))),
        Gen.Int[0, 4], Gen.Int[1, 12], Gen.Int[0, 12], Gen.Frequency((8, Gen.Int[-3, 3]), (1, Gen.Int[0, 40])), Gen.Int[0, 60],
        (kind, session, sequence, lowest, seconds, bytes) => new Step(kind, session, sequence, lowest, seconds, bytes));

    [Fact, Trait("RaftBug", "B84"), Trait("RaftBug", "B85")]
    public void Each_sequence_is_applied_once_and_all_copies_have_its_result() => Steps.Array[1, 150].Sample(steps =>
    {
        var run = new Run();
        foreach (var step in steps) run.Take(step);
        run.Check();
    }, iter: 3000);

    sealed class Model(LogIndex id, SessionLimits limits, DateTimeOffset opened)
    {
        public LogIndex Id => id;

        public SessionLimits Limits => limits;

        public DateTimeOffset Last { get; set; } = opened;

        public bool IsClosed { get; set; }

        public long Lowest { get; set; } = 1;

        public Dictionary<long, (LogIndex Index, Payload Value)> Applied { get; } = [];
    }

    sealed class Run
    {
        readonly List<Model> _models = [];
        readonly List<(SessionTableImage Image, byte[] Bytes)> _copies = [];
        SessionTable _table = new();
        DateTimeOffset _clock = DateTimeOffset.MinValue;
        DateTimeOffset _stamp = Start;
        long _index;

        public void Take(Step step)
        {
            var index = new LogIndex(++_index);
            _stamp = _stamp.AddSeconds(step.Seconds);   // backwards too: the next leader's clock is another one
            _clock = _stamp > _clock ? _stamp : _clock;
            _table.Advance(_stamp);
            foreach (var model in _models.Where(model => model.Last + model.Limits.Timeout <= _clock)) model.IsClosed = true;
            switch (step.Kind)
            {
                case Kind.Open:
                    Open(step, index);
                    break;
                case Kind.Command:
                    Command(step, index);
                    break;
                case Kind.Keep or Kind.Close:
                    Keep(step);
                    break;
                case Kind.Copy:
                    var image = _table.Copy();
                    _copies.Add((image, SessionTableSpec.Written(image)));
                    break;
                case Kind.Restore:
                    _table = SessionTableSpec.Read(SessionTableSpec.Written(_table.Copy())).GetAwaiter().GetResult();
                    break;
            }

            _table.Clock.ShouldBe(_clock);
            _table.Count.ShouldBe(_models.Count(model => !model.IsClosed));
        }

        public void Check()
        {
            foreach (var (image, bytes) in _copies) SessionTableSpec.Written(image).ShouldBe(bytes);
        }

        void Open(Step step, LogIndex index)
        {
            var limits = new SessionLimits(TimeSpan.FromSeconds(10 + step.Lowest), 3, 5 + step.Lowest, 1 + (step.Bytes * 2));
            var isOpened = _table.Open(index, limits);
            isOpened.ShouldBe(_models.Count(model => !model.IsClosed) < 3);
            if (isOpened) _models.Add(new Model(index, limits, _clock));
        }

        // The newest sessions are used most, older ones, expired for long, now and then.
        Model? Chosen(Step step) => _models.Count == 0 ? null : _models[Math.Max(0, _models.Count - 1 - step.Session)];

        void Command(Step step, LogIndex index)
        {
            if (Chosen(step) is not { } model) return;
            var lowest = Math.Max(1, Math.Min(step.Sequence, step.Lowest));
            var stamp = new SessionStamp(model.Id, step.Sequence, lowest);
            var verdict = _table.Judge(stamp, out var result);
            if (model.IsClosed)
            {
                verdict.ShouldBe(SessionVerdict.Expired);
                return;
            }

            model.Last = _clock;
            model.Lowest = Math.Max(model.Lowest, lowest);
            if (step.Sequence < model.Lowest) verdict.ShouldBe(SessionVerdict.Answered);
            else if (model.Applied.TryGetValue(step.Sequence, out var first))
            {
                verdict.ShouldBe(SessionVerdict.Duplicate);
                result.ShouldNotBeNull().Index.ShouldBe(first.Index);
                if (!result.IsForgotten) result.Value.ShouldBe(first.Value);
                if (first.Value.Size > model.Limits.MaxResultBytes) result.IsForgotten.ShouldBeTrue();
            }
            else if (step.Sequence >= model.Lowest + model.Limits.MaxResults) verdict.ShouldBe(SessionVerdict.BeyondLimit);
            else
            {
                verdict.ShouldBe(SessionVerdict.Apply);
                var value = new Payload(1, "", new byte[step.Bytes]);
                model.Applied.Add(step.Sequence, (index, value));
                _table.Record(stamp, new SessionResult(index, value, null));
            }
        }

        void Keep(Step step)
        {
            if (Chosen(step) is not { } model) return;
            _table.Keep(model.Id, Math.Max(1, step.Lowest), step.Kind == Kind.Close).ShouldBe(!model.IsClosed);
            if (model.IsClosed) return;
            model.Last = _clock;
            model.Lowest = Math.Max(model.Lowest, step.Lowest);
            model.IsClosed = step.Kind == Kind.Close;
        }
    }
}
