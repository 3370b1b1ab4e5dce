using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>The judge is judged first: it must refuse what is wrong and accept what is right (Herlihy and Wing 1990).</summary>
public sealed class LinearizabilityTests
{
    static readonly RegisterInput.Get s_get = new();
    static readonly CounterInput.Get s_total = new();

    static HistoryBuilder History => new();

    [Fact]
    public void Answers_of_one_client_after_the_other_are_right() => Right(RegisterModel.Instance, History
        .Query(1, s_get, 0, 1, null).Command(1, Set(1), 2, 3).Query(2, s_get, 4, 5, 1).Command(2, Cas(1, 2), 6, 7, true)
        .Command(1, Cas(1, 3), 8, 9, false).Query(1, s_get, 10, 11, 2));

    [Fact]
    public void Empty_history_is_right() => Right(RegisterModel.Instance, History);

    [Fact]
    public void Read_of_an_overwritten_value_is_refused() => Wrong(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 1).Command(1, Set(2), 2, 3).Query(2, s_get, 4, 5, 1));

    [Fact]
    public void Read_of_a_value_that_nobody_wrote_is_refused() => Wrong(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 10).Unknown(3, Set(2), 0).Query(2, s_get, 0, 10, 7));

    [Fact]
    public void Read_of_a_value_that_is_written_only_later_is_refused() => Wrong(RegisterModel.Instance, History
        .Query(2, s_get, 0, 1, 1).Command(1, Set(1), 2, 3));

    [Fact]
    public void Reads_during_a_write_may_see_either_value_but_never_go_back()
    {
        Right(RegisterModel.Instance, History.Command(1, Set(1), 0, 1).Command(1, Set(2), 2, 9).Query(2, s_get, 3, 4, 1).Query(2, s_get, 5, 6, 2));
        Wrong(RegisterModel.Instance, History.Command(1, Set(1), 0, 1).Command(1, Set(2), 2, 9).Query(2, s_get, 3, 4, 2).Query(3, s_get, 5, 6, 1));
    }

    [Fact]
    public void Two_readers_that_see_two_writes_in_opposite_orders_are_refused() => Wrong(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 20).Command(2, Set(2), 0, 20)
        .Query(3, s_get, 1, 2, 1).Query(4, s_get, 3, 4, 2).Query(3, s_get, 5, 6, 1));

    [Fact]
    public void Operations_that_meet_at_one_moment_are_concurrent() => Right(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 5).Command(2, Set(2), 5, 9).Query(3, s_get, 9, 10, 1));

    [Fact]
    public void Lost_update_is_refused() => Wrong(CounterModel.Instance, History
        .Command(1, Add(1), 0, 9, 1L).Command(2, Add(1), 1, 8, 1L));

    [Fact]
    public void Two_successes_of_one_compare_and_set_are_refused() => Wrong(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 1).Command(1, Cas(1, 2), 2, 9, true).Command(2, Cas(1, 3), 2, 9, true));

    [Fact]
    public void Command_that_was_applied_twice_is_refused()
    {
        Wrong(CounterModel.Instance, History.Command(1, Add(1), 0, 1, 1L).Query(2, s_total, 2, 3, 2L));
        Wrong(CounterModel.Instance, History.Unknown(1, Add(1), 0).Query(2, s_total, 2, 3, 2L));
    }

    [Fact]
    public void Unknown_command_may_take_effect_at_any_time_or_never_but_once()
    {
        Right(CounterModel.Instance, History.Unknown(1, Add(1), 0, 2).Query(2, s_total, 3, 4, 0L).Query(2, s_total, 5, 6, 0L));
        Right(CounterModel.Instance, History.Unknown(1, Add(1), 0, 2).Query(2, s_total, 3, 4, 0L).Query(2, s_total, 5, 6, 1L));
        Wrong(CounterModel.Instance, History.Unknown(1, Add(1), 0, 2).Query(2, s_total, 3, 4, 1L).Query(2, s_total, 5, 6, 0L));
        Wrong(CounterModel.Instance, History.Query(2, s_total, 0, 1, 1L).Unknown(1, Add(1), 2));
    }

    [Fact]
    public void Two_unknown_commands_may_both_be_needed_for_one_answer()
    {
        Right(CounterModel.Instance, History.Unknown(1, Add(3), 0).Unknown(2, Add(4), 0).Query(3, s_total, 1, 2, 7L));
        Wrong(CounterModel.Instance, History.Unknown(1, Add(3), 0).Unknown(2, Add(4), 0).Query(3, s_total, 1, 2, 6L));
        Right(CounterModel.Instance, History.Unknown(1, Add(3), 0).Unknown(2, Add(3), 0).Query(3, s_total, 1, 2, 6L));
    }

    [Fact]
    public void Query_of_unknown_outcome_says_nothing() => Right(RegisterModel.Instance, History
        .Command(1, Set(1), 0, 1).UnknownQuery(2, s_get, 2).Query(1, s_get, 3, 4, 1));

    [Fact]
    public void Command_that_was_not_done_has_no_effect()
    {
        Right(RegisterModel.Instance, History.Command(1, Set(1), 0, 1).NotDone(2, Set(2), 2, 3).Query(1, s_get, 4, 5, 1));
        Wrong(RegisterModel.Instance, History.Command(1, Set(1), 0, 1).NotDone(2, Set(2), 2, 3).Query(1, s_get, 4, 5, 2));
    }

    [Fact]
    public void Keys_are_judged_apart_and_the_wrong_one_is_named()
    {
        var history = History.Command(1, new KeyValueInput.Put("a", 1), 0, 1).Command(1, new KeyValueInput.Put("b", 2), 2, 3)
            .Query(2, new KeyValueInput.Get("a"), 4, 5, 1).Command(3, new KeyValueInput.CompareAndSet("a", 1, 3), 6, 7, true)
            .Command(3, new KeyValueInput.Delete("b"), 6, 7, true);
        Right(KeyValueModel.Instance, history);

        history.Query(2, new KeyValueInput.Get("b"), 8, 9, 2);

        var failure = history.Judge(KeyValueModel.Instance).Failure.ShouldNotBeNull();
        failure.ShouldContain("key \"b\"");
        failure.ShouldContain("would have had to answer null");
        failure.ShouldNotContain("put a");
    }

    [Fact]
    public void Model_that_gives_a_key_to_some_inputs_only_is_refused() => Should.Throw<ArgumentException>(() =>
        History.Command(1, new KeyValueInput.Put("a", 1), 0, 1).Query(1, "everything", 2, 3, 1).Judge(new HalfKeyed()))
        .Message.ShouldContain("every input a key, or none");

    [Fact]
    public void Model_whose_query_changes_the_state_is_refused() => Should.Throw<InvalidOperationException>(() =>
        History.Query(1, Add(1), 0, 1, 1L).Judge(CounterModel.Instance)).Message.ShouldContain("#1 is a query, which changes nothing");

    [Fact]
    public void Commands_of_ones_own_are_said_in_the_models_words()
    {
        var model = new CounterModel(input => input is Deposit deposit ? new CounterInput.Add(deposit.Amount) : new CounterInput.Get());
        Right(model, History.Command(1, new Deposit(5), 0, 1, 5L).Query(1, "balance", 2, 3, 5L));
        Wrong(model, History.Command(1, new Deposit(5), 0, 1, 5L).Query(1, "balance", 2, 3, 0L));
        Should.Throw<ArgumentException>(() => Right(CounterModel.Instance, History.Command(1, new Deposit(5), 0, 1, 5L)))
            .Message.ShouldContain("does not know Deposit");
    }

    [Fact]
    public void Limit_that_is_reached_is_no_pass()
    {
        // Whether some of 40 different amounts make up the answer is a hard question.
        var history = History;
        for (var i = 0; i < 40; i++) history.Unknown(i + 1, Add(1_000_000 + i * i * i * 2), 0);
        history.Query(100, s_total, 1, 2, 20_000_001L);

        var verdict = Linearizability.Of(history.Build(), CounterModel.Instance, configurationLimit: 5_000);

        verdict.IsPassed.ShouldBeFalse();
        verdict.IsUndecided.ShouldBeTrue();
        verdict.Failure.ShouldNotBeNull().ShouldContain("gave up");
    }

    static RegisterInput Set(object value) => new RegisterInput.Set(value);

    static RegisterInput Cas(object expected, object value) => new RegisterInput.CompareAndSet(expected, value);

    static CounterInput Add(long amount) => new CounterInput.Add(amount);

    static void Right(SequentialModel model, HistoryBuilder history) => history.Judge(model).Failure.ShouldBeNull();

    static void Wrong(SequentialModel model, HistoryBuilder history)
    {
        var verdict = history.Judge(model);
        verdict.IsPassed.ShouldBeFalse();
        verdict.IsUndecided.ShouldBeFalse();
    }

    sealed record Deposit(long Amount);

    sealed class HalfKeyed : SequentialModel<int>
    {
        public override int Initial => 0;

        public override object? KeyOf(object input) => (input as KeyValueInput)?.Key;

        public override (int State, object? Output) Apply(int state, object input) => (state, null);
    }
}
