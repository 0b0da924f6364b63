package dev.bulla.oci.json;

/** Whether a Java string is Unicode text: UTF-16 allows halves of surrogate pairs, UTF-8 does not. */
final class Surrogates {
    private Surrogates() {}

    static boolean arePaired(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
