package dev.bulla.kbs.rego;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A regular expression that is matched in time linear in the text, as RE2 does.
 *
 * <p><b>Security.</b> All ways through the expression are followed at once, character by character, so there is no text on which
 * matching explodes; and each character is paid for.
 */
final class LinearRegex {
    /** How many instructions an expression may come to, counted repetitions written out. */
    static final int MAX_INSTRUCTIONS = 5_000;

    private final List<Instruction> program = new ArrayList<>();

    private LinearRegex() {}

    private sealed interface Instruction {
        record Take(RegexNode.Characters characters) implements Instruction {}

        record Require(RegexNode.Place place) implements Instruction {}

        record Split(int first, int second) implements Instruction {}

        record Accept() implements Instruction {}
    }

    static LinearRegex parse(String expression) throws RegoException {
        LinearRegex regex = new LinearRegex();
        regex.compile(RegexParser.parse(expression));
        regex.add(new Instruction.Accept());
        return regex;
    }

    private int add(Instruction instruction) throws RegoException {
        if (program.size() >= MAX_INSTRUCTIONS) {
            throw new RegoException("the regular expression is too large");
        }
        program.add(instruction);
        return program.size() - 1;
    }

    private void compile(RegexNode node) throws RegoException {
        switch (node) {
            case RegexNode.Take take -> add(new Instruction.Take(take.characters()));
            case RegexNode.Require require -> add(new Instruction.Require(require.place()));
            case RegexNode.Sequence sequence -> {
                for (RegexNode part : sequence.parts()) {
                    compile(part);
                }
            }
            case RegexNode.Alternatives alternatives -> compileAlternatives(alternatives.parts());
            case RegexNode.Repeat repeat -> {
                for (int i = 0; i < repeat.least(); i++) {
                    compile(repeat.node());
                }
                if (repeat.most() == RegexNode.UNBOUNDED) {
                    int split = add(new Instruction.Accept());
                    compile(repeat.node());
                    add(new Instruction.Split(split, split));
                    program.set(split, new Instruction.Split(split + 1, program.size()));
                } else {
                    for (int i = repeat.least(); i < repeat.most(); i++) {
                        int split = add(new Instruction.Accept());
                        compile(repeat.node());
                        program.set(split, new Instruction.Split(split + 1, program.size()));
                    }
                }
            }
        }
    }

    private void compileAlternatives(List<RegexNode> parts) throws RegoException {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (i == parts.size() - 1) {
                compile(parts.get(i));
            } else {
                int split = add(new Instruction.Accept());
                compile(parts.get(i));
                ends.add(add(new Instruction.Accept()));
                program.set(split, new Instruction.Split(split + 1, program.size()));
            }
        }
        for (int end : ends) {
            program.set(end, new Instruction.Split(program.size(), program.size()));
        }
    }

    /** Whether the expression matches anywhere in the text. */
    boolean find(String text, Budget budget) throws RegoException {
        int[] points = TextForm.codePoints(text);
        boolean[] current = new boolean[program.size()];
        for (int at = 0; at <= points.length; at++) {
            budget.charge(program.size() / 2 + 1);
            follow(0, current, points, at);
            if (current[program.size() - 1]) {
                return true;
            }
            boolean[] next = new boolean[program.size()];
            for (int i = 0; at < points.length && i < current.length; i++) {
                if (current[i]
                        && program.get(i) instanceof Instruction.Take(RegexNode.Characters characters)
                        && characters.has(points[at])) {
                    follow(i + 1, next, points, at + 1);
                }
            }
            current = next;
        }
        return false;
    }

    /** Adds an instruction and those that it leads to without taking a character. */
    private void follow(int start, boolean[] states, int[] points, int at) {
        int[] waiting = new int[16];
        int count = 0;
        waiting[count++] = start;
        while (count > 0) {
            int state = waiting[--count];
            if (states[state]) {
                continue;
            }
            states[state] = true;
            if (count + 2 > waiting.length) {
                waiting = Arrays.copyOf(waiting, waiting.length * 2);
            }
            switch (program.get(state)) {
                case Instruction.Split split -> {
                    waiting[count++] = split.second();
                    waiting[count++] = split.first();
                }
                case Instruction.Require(RegexNode.Place place) -> {
                    if (place.is(points, at)) {
                        waiting[count++] = state + 1;
                    }
                }
                case Instruction.Take t -> {}
                case Instruction.Accept a -> {}
            }
        }
    }
}
