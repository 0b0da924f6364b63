package dev.bulla.provision;

import java.util.BitSet;
import java.util.List;

/**
 * Which layers of an image: all, or some by number. The lowest is 0; negative numbers count from the top, -1 is the last,
 * as skopeo's {@code --encrypt-layer} has it.
 *
 * @param numbers the numbers; empty for all layers
 */
public record LayerSelection(List<Integer> numbers) {
    /** Every layer. */
    public static final LayerSelection ALL = new LayerSelection(List.of());

    public LayerSelection {
        numbers = List.copyOf(numbers);
    }

    /** The layers' places in an image of so many layers. */
    BitSet of(int count) throws UnsuitableImageException {
        BitSet selected = new BitSet(count);
        if (numbers.isEmpty()) {
            selected.set(0, count);
        }
        for (int number : numbers) {
            int place = number < 0 ? count + number : number;
            if (place < 0 || place >= count) {
                throw new UnsuitableImageException("layer " + number + ": the image has " + count + " layers, expected "
                        + -count + " to " + (count - 1));
            }
            selected.set(place);
        }
        return selected;
    }
}
