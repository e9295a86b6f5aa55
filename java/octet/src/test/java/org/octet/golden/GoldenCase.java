package org.octet.golden;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** One case, with readers for the values in it. */
final class GoldenCase {
  final JsonObject json;

  GoldenCase(JsonObject json) {
    this.json = json;
  }

  String id() {
    return json.get("id").getAsString();
  }

  String op() {
    return json.get("op").getAsString();
  }

  Tolerance tolerance() {
    return Tolerance.of(json.get("tolerance"));
  }

  JsonObject params() {
    return json.getAsJsonObject("params");
  }

  JsonObject inputs() {
    return json.getAsJsonObject("inputs");
  }

  JsonObject outputs() {
    return json.getAsJsonObject("outputs");
  }

  // ---- parameters
  // --------------------------------------------------------------------------------------------------

  boolean has(String param) {
    return params().has(param) && !params().get(param).isJsonNull();
  }

  int paramInt(String name) {
    return params().get(name).getAsInt();
  }

  int paramInt(String name, int absent) {
    return has(name) ? paramInt(name) : absent;
  }

  double paramDouble(String name) {
    return params().get(name).getAsDouble();
  }

  boolean paramBool(String name, boolean absent) {
    return has(name) ? params().get(name).getAsBoolean() : absent;
  }

  String paramString(String name, String absent) {
    return has(name) ? params().get(name).getAsString() : absent;
  }

  /** A list, or one number that stands for a list of {@code n}. */
  int[] paramInts(String name, int n, int absent) {
    int[] out = new int[n];
    JsonElement e = has(name) ? params().get(name) : null;
    for (int i = 0; i < n; i++) {
      out[i] =
          e == null
              ? absent
              : e.isJsonArray() ? e.getAsJsonArray().get(i).getAsInt() : e.getAsInt();
    }
    return out;
  }

  /** The output parameters of an op with explicit ones. */
  QParams outParams(DType dtype) {
    return QParams.perTensor(paramDouble("scale"), paramInt("zero_point"), dtype);
  }

  // ---- tensors
  // -----------------------------------------------------------------------------------------------------

  FloatTensor floatIn(String name) {
    return floats(inputs().get(name));
  }

  QuantizedTensor quantizedIn(String name) {
    return quantized(inputs().get(name).getAsJsonObject());
  }

  /** Null where the value is absent. */
  static FloatTensor floats(JsonElement e) {
    if (e == null || e.isJsonNull()) {
      return null;
    }
    return FloatTensor.of(floatValues(e), shape(e));
  }

  static QuantizedTensor quantized(JsonObject t) {
    return QuantizedTensor.ofCodes(intValues(t), qparams(t), shape(t));
  }

  static QParams qparams(JsonObject t) {
    DType dtype = DType.ofTorchName(t.get("dtype").getAsString());
    if (t.get("qscheme").getAsString().equals("per_tensor_affine")) {
      return QParams.perTensor(t.get("scale").getAsDouble(), t.get("zero_point").getAsInt(), dtype);
    }
    if (t.get("qscheme").getAsString().equals("per_channel_affine_float_qparams")) {
      float[] rows = floatArray(t.getAsJsonArray("scales"));
      float[] rowZeroPoints = floatArray(t.getAsJsonArray("zero_points"));
      return QParams.perChannelFloat(rows, rowZeroPoints, t.get("axis").getAsInt(), dtype);
    }
    JsonArray s = t.getAsJsonArray("scales");
    JsonArray z = t.getAsJsonArray("zero_points");
    double[] scales = new double[s.size()];
    int[] zeroPoints = new int[s.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = s.get(i).getAsDouble();
      zeroPoints[i] = z.get(i).getAsInt();
    }
    return QParams.perChannel(scales, zeroPoints, t.get("axis").getAsInt(), dtype);
  }

  static boolean isTensor(JsonElement e) {
    return e.isJsonObject() && e.getAsJsonObject().has("dtype") && e.getAsJsonObject().has("data");
  }

  static Tensor tensor(JsonElement e) {
    JsonObject t = e.getAsJsonObject();
    String dtype = t.get("dtype").getAsString();
    if (t.has("qscheme")) {
      return quantized(t);
    }
    if (dtype.startsWith("float")) {
      return floats(t);
    }
    int[] values = intValues(t);
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values[i];
    }
    return LongTensor.of(longs, shape(t));
  }

  static List<FloatTensor> floatList(JsonElement list) {
    List<FloatTensor> out = new ArrayList<>();
    list.getAsJsonArray().forEach(e -> out.add(floats(e)));
    return out;
  }

  static Map<String, Tensor> state(JsonObject dict) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    dict.entrySet().forEach(e -> out.put(e.getKey(), tensor(e.getValue())));
    return out;
  }

  static int[] shape(JsonElement e) {
    JsonArray a = e.getAsJsonObject().getAsJsonArray("shape");
    int[] out = new int[a.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = a.get(i).getAsInt();
    }
    return out;
  }

  /** Flat float32 values: decimals are parsed as double and cast. */
  static float[] floatValues(JsonElement e) {
    return floatArray(e.getAsJsonObject().getAsJsonArray("data"));
  }

  private static float[] floatArray(JsonArray a) {
    float[] out = new float[a.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) Double.parseDouble(a.get(i).getAsString());
    }
    return out;
  }

  static int[] intValues(JsonElement e) {
    JsonArray a = e.getAsJsonObject().getAsJsonArray("data");
    int[] out = new int[a.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) a.get(i).getAsLong();
    }
    return out;
  }
}
