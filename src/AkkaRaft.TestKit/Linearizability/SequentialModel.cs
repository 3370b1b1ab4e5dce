using AkkaRaft.TestKit.Checking;

namespace AkkaRaft.TestKit;

/// <summary>What a state machine must do, one operation after the other. Write your own by deriving from <see cref="SequentialModel{TState}"/>.</summary>
public abstract class SequentialModel
{
    private protected SequentialModel()
    {
    }

    /// <summary>
    /// The part of the state that an input touches, if the state falls into parts that have nothing to do with each other: then each part is judged for itself,
    /// from an initial state of its own, which is very much faster. Null, the default, for all inputs alike if it does not.
    /// </summary>
    /// <param name="input">The command or query.</param>
    public virtual object? KeyOf(object input) => null;

    /// <summary>Whether what a client was told is what the model says. By default: whether they are equal.</summary>
    /// <param name="input">The command or query.</param>
    /// <param name="expected">The model's output.</param>
    /// <param name="recorded">The client's.</param>
    public virtual bool SameOutput(object input, object? expected, object? recorded) => Equals(expected, recorded);

    /// <summary>An input, for people.</summary>
    /// <param name="input">The command or query.</param>
    public virtual string DescribeInput(object input) => Plain.Text(input);

    /// <summary>An output, for people.</summary>
    /// <param name="output">The model's or a client's.</param>
    public virtual string DescribeOutput(object? output) => Plain.Text(output);

    internal abstract StateSpace NewSpace();
}

/// <summary>
/// What a state machine must do, one operation after the other: an initial state, and what each input makes of a state and answers. A bank account:
/// <code>
/// public sealed class AccountModel : SequentialModel&lt;long&gt;
/// {
///     public override long Initial =&gt; 0;
///
///     public override (long State, object? Output) Apply(long balance, object input) =&gt; input switch
///     {
///         Deposit deposit =&gt; (balance + deposit.Amount, balance + deposit.Amount),
///         Withdraw withdraw when withdraw.Amount &lt;= balance =&gt; (balance - withdraw.Amount, true),
///         Withdraw =&gt; (balance, false),
///         _ =&gt; (balance, balance),
///     };
/// }
/// </code>
/// </summary>
/// <typeparam name="TState">The state: a value that never changes (a number, a string, a record of such). It is compared very often.</typeparam>
public abstract class SequentialModel<TState> : SequentialModel
{
    /// <summary>The state before all operations.</summary>
    public abstract TState Initial { get; }

    /// <summary>
    /// What the input makes of the state, and its output. Must be a function: it leaves the given state as it is, and does the same for equal states and equal
    /// inputs. The output is compared with what the machine returned: mind that 1 and 1L are not equal.
    /// </summary>
    /// <param name="state">The state before.</param>
    /// <param name="input">The command or query. A query must leave the state equal.</param>
    public abstract (TState State, object? Output) Apply(TState state, object input);

    /// <summary>
    /// When two states are the same; by default when they are equal. States that are the same but are taken for different make the check slow, never wrong;
    /// a collection needs a comparison of its contents here.
    /// </summary>
    public virtual IEqualityComparer<TState> StateComparer => EqualityComparer<TState>.Default;

    /// <summary>A state, for people.</summary>
    /// <param name="state">The state.</param>
    public virtual string DescribeState(TState state) => Plain.Text(state);

    internal sealed override StateSpace NewSpace() => new StateSpace<TState>(this);
}
