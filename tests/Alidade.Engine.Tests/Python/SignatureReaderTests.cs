using Alidade.Engine.Graphs;
using Alidade.Engine.Python;

namespace Alidade.Engine.Tests.Python;

public sealed class SignatureReaderTests
{
    [Fact]
    public void Drafts_a_task_from_annotations_and_defaults()
    {
        var draft = Assert.Single(
            SignatureReader.Read(
                """
                from __future__ import annotations
                from dioptra import pyplugs

                @other
                @pyplugs.register(sort_value=3)
                def attack(
                    model: keras.Model, eps: float = 0.1, /,
                    norm: int | None = None,
                    *rest: str,
                    labels: "np.ndarray | None", weird: shape(2) = (1, 2), again: shape(2), bare, none: None,
                    typed: Type1, text: str, whole: int, flag: bool = f"{x!r:>{width}}" "y", any: Any = {'a': [1]},
                    **options: float,
                ) -> Optional[ Dict[str,  Any] ]:
                    return {**options}
                """
            )
        );

        Assert.Equal(
            [
                "model:keras_model*",
                "eps:number",
                "norm:int_none",
                "labels:np_ndarray_none*",
                "weird:type2",
                "again:type2*",
                "bare:type3*",
                "none:null*",
                "typed:type1*",
                "text:string*",
                "whole:integer*",
                "flag:boolean",
                "any:any",
            ],
            draft.Inputs.Select(input => $"{input.Name}:{input.Type}{(input.Required ? "*" : "")}")
        );
        Assert.Equal([new TaskOutput("output", "optional_dict_str_any")], draft.Outputs);
        Assert.Equal(
            [
                new("keras_model", "keras.Model"),
                new("int_none", "int | None"),
                new("np_ndarray_none", "\"np.ndarray | None\""),
                new("type2", "shape(2)"),
                new("type1", "Type1"),
                new MissingType("optional_dict_str_any", "Optional[ Dict[str,  Any] ]"),
            ],
            draft.Missing
        );
    }

    [Theory]
    [InlineData("from dioptra import pyplugs", "pyplugs.register")]
    [InlineData("from dioptra import pyplugs as p", "p.register(sort_value=1)")]
    [InlineData("import dioptra.pyplugs", "dioptra.pyplugs.register()")]
    [InlineData("import numpy, dioptra.pyplugs as foo", "foo . register")]
    [InlineData("from dioptra.pyplugs import (names, register as reg,)", "reg")]
    [InlineData("try:\n    from dioptra.pyplugs import register\nexcept ImportError:\n    raise", "register")]
    [InlineData("import alidade", "alidade.task")]
    [InlineData("import alidade as al", "al.task(name=\"other\")")]
    [InlineData("from alidade import task", "task")]
    [InlineData("from alidade import register", "register")]
    public void Knows_the_decorator_under_any_name(string import, string decorator)
    {
        var task = Assert.Single(SignatureReader.Read($"{import}\n@{decorator}\ndef f() -> None: ...\n"));

        Assert.Equal("f", task.Name);
        Assert.Empty(task.Outputs);
    }

    [Fact]
    public void Takes_only_functions_of_the_module_that_are_registered_where_they_stand()
    {
        var tasks = SignatureReader.Read(
            """
            from dioptra.pyplugs import register

            @register
            def taken(): pass

            @register
            async def waits(): pass

            class Box:
                from elsewhere import register

                @register
                def method(self): pass

            if True:
                @register
                def nested(): pass

            def plain(): pass

            @Box.register
            def other(): pass

            from elsewhere import register

            @register
            def replaced(): pass
            """
        );

        Assert.Equal(["taken"], tasks.Select(task => task.Name));
    }

    [Fact]
    public void Outlines_every_function_for_those_who_run_one_without_registering_it()
    {
        var function = Assert.Single(
            SignatureReader.Outline("\n\ndef hello(name: str = 'you', *, n=2): ...\n").Functions
        );

        Assert.Equal(("hello", 3), (function.Name, function.Line));
        Assert.Equal(
            [
                new("name", ParameterKind.Normal, "str", "'you'"),
                new ParameterOutline("n", ParameterKind.KeywordOnly, null, "2"),
            ],
            function.Parameters
        );
        Assert.Equal(["name", "n"], SignatureReader.Draft(function).Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Reads_every_kind_of_statement()
    {
        const string Source = """
            #!/usr/bin/python3
            import a.b, c as d; from . import e; from ..f import *
            x: int = 1_000; y = z = *a, 0xFF, 1e-3, 1j, ...
            (a, [b, *c]), d.e[1:2, ::3, *i] = yield_ = lambda u, *v, w=1, **k: (u, w) if v else k
            def g[T: int](p, /, q: T = None, *args: *T, r=3, **kw) -> list[T]:
                global x, y
                nonlocal_ = yield
                got = yield from p
                return *args, {**kw, 'a': 1, **{}}, {1, *q}, [i async for i in p if i if not i], (yield)
            async def h():
                async with a as b, c: await d
                async for i, *j in k: pass
                else: del i, j[0]
            class C[T](B, metaclass=M, *bases): x: int; y = 2
            while (n := f(x, *y, k=1, **z)) and n not in m is not o: break
            else:
                continue
            for i, in range(3): print(i) ; assert i, "m"
            try: pass
            except (A, B) as err: raise E from err
            except: raise
            else: pass
            finally: pass
            try: ...
            except* G: ...
            with (open(p) as q, open(r) as s,): pass
            with (a, b): pass
            with (a if b else c) as d.e, f(): pass
            match x, y:
                case [1, -2.5, *rest] | {"k": v, **others} if v > 1: pass
                case Point(x=0, y=(1 | 2) as n) as p: pass
                case _: pass
            match = match(match)[match] if match else match.match
            type Alias[T] = list[T]
            type = type(type)
            s = rb'\'' b"" "x" f'{a["b"]:>{w}} {{ {c!r} {d=}' f"{f'{f"{1}"}'}" \
                '''three
            lines''' u""
            @d.e[0](f)(g)
            class D: "doc"
            x += 1; x **= 2; x @= y; x //= 2; x >>= 1
            if x: pass
            elif y: pass
            else: é = 名 = a if b else c if d else lambda: e
            """;

        Assert.Equal(["g", "h"], SignatureReader.Outline(Source).Functions.Select(function => function.Name));
    }

    [Theory]
    [InlineData("x = (1,\n", 1, 5, "never closed")]
    [InlineData("x = 1\ny = (2]\n", 2, 7, "does not close")]
    [InlineData("x = }\n", 1, 5, "closes nothing")]
    [InlineData("def f(a, a): pass\n", 1, 11, "twice")]
    [InlineData("def f(a=1, b): pass\n", 1, 13, "default")]
    [InlineData("def f(a\n", 1, 6, "never closed")]
    [InlineData("def f(a) return a\n", 1, 10, "\":\" is expected")]
    [InlineData("def f():\nreturn 1\n", 2, 1, "indented block")]
    [InlineData("if x:\n    a\n  b\n", 3, 3, "matches no block")]
    [InlineData("x = 1\n  y = 2\n", 2, 3, "same block")]
    [InlineData("if x:\n\ta\n        b\n", 3, 9, "mixed")]
    [InlineData("x = 'open\n", 1, 5, "no closing")]
    [InlineData("x = '''open\n\n", 1, 5, "no closing")]
    [InlineData("x = f'{a\n", 1, 5, "")]
    [InlineData("print 'hello'\n", 1, 7, "the end of the line")]
    [InlineData("x = 5y\n", 1, 5, "not a number")]
    [InlineData("x = 1 +\n", 1, 8, "an operand")]
    [InlineData("f() = 1\n", 1, 5, "assigned to")]
    [InlineData("f(a=1, 2)\n", 1, 8, "by name")]
    [InlineData("x = a ? b\n", 1, 7, "does not belong")]
    [InlineData("import\n", 1, 7, "module")]
    [InlineData("class: pass\n", 1, 6, "name of the class")]
    [InlineData("try:\n    a\nb\n", 3, 1, "except")]
    [InlineData("@f\nx = 1\n", 2, 1, "decorator")]
    [InlineData("x = {1: 2, 3}\n", 1, 13, "after a key")]
    [InlineData("for x y: pass\n", 1, 7, "\"in\"")]
    public void Says_where_a_file_is_no_Python(string source, int line, int column, string reason)
    {
        var error = Assert.Throws<PythonSyntaxException>(() => SignatureReader.Read(source));

        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Equal((line, reason.Length == 0 ? error.Column : column), (error.Line, error.Column));
        Assert.Equal(source.Split('\n')[line - 1], error.Text);
    }

    public static TheoryData<string> Deep() =>
        [
            new string('(', 100_000),
            string.Concat(Enumerable.Repeat("lambda: ", 100_000)),
            string.Concat(Enumerable.Repeat("f'{", 100_000)),
            string.Concat(Enumerable.Range(0, 300).Select(depth => new string(' ', depth) + "if x:\n")),
            "x = " + string.Concat(Enumerable.Repeat("a if b else ", 100_000)),
            "x = " + string.Concat(Enumerable.Repeat("not ", 100_000)),
            "x = [" + string.Concat(Enumerable.Repeat("[", 100_000)),
        ];

    [Theory]
    [MemberData(nameof(Deep), DisableDiscoveryEnumeration = true)]
    public void A_hostile_file_is_an_error_and_no_more(string source) =>
        Assert.Throws<PythonSyntaxException>(() => SignatureReader.Read(source));
}
